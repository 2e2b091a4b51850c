package io.tunabledb.examples.spring;

import io.tunabledb.consistency.Level;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What the shop does, each at the level it needs. */
@Service
class Shop {
    private final Items items;
    private final Sales sales;

    Shop(Items items, Sales sales) {
        this.items = items;
        this.sales = sales;
    }

    /** What a client sees of an item. */
    record Offer(long id, String name, int stock) {
        static Offer of(Item item) {
            return new Offer(item.id == null ? 0 : item.id, item.name, item.stock);
        }
    }

    /** What came in is what is there and what was sold. */
    record Report(long stock, long sold) {}

    @Transactional
    public Offer add(String name, int stock) {
        Item item = new Item();
        item.name = name;
        item.stock = stock;
        return Offer.of(items.save(item));
    }

    /** A shop window may be a little old. */
    @Consistency(Level.EVENTUAL)
    public List<Offer> window() {
        return items.findAll().stream().map(Offer::of).toList();
    }

    /** Whoever added it sees it. */
    public Optional<Offer> find(long id) {
        return items.findById(id).map(Offer::of);
    }

    // readme: levels
    /** Before one drives to the shop. */
    @Consistency(Level.LINEARIZABLE)
    public Optional<Integer> stock(long id) {
        return items.findById(id).map(item -> item.stock);
    }
    // end

    /** False when there is not so much. Of two at the same time the second gets 40001 or an optimistic lock, and tries again. */
    @Transactional
    public boolean sell(long id, int quantity) {
        Item item = items.findById(id).orElseThrow();
        if (item.stock < quantity) {
            return false;
        }
        item.stock -= quantity;
        Sale sale = new Sale();
        sale.item = item;
        sale.quantity = quantity;
        sales.save(sale);
        return true;
    }

    // readme: snapshot
    /** Two queries, one point in time. */
    @Transactional(readOnly = true)
    public Report report(Runnable between) {
        long stock = items.stock();
        between.run();
        return new Report(stock, sales.sold());
    }
    // end
}
