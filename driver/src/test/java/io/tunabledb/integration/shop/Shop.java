package io.tunabledb.integration.shop;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.LockModeType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** What the application does. It knows nothing of what is behind the factory. */
final class Shop {
    private final EntityManagerFactory factory;

    Shop(EntityManagerFactory factory) {
        this.factory = factory;
    }

    <T> T transaction(Function<EntityManager, T> work) {
        return factory.callInTransaction(work);
    }

    Long register(String email, String town) {
        return transaction(em -> {
            Customer customer = new Customer();
            customer.email = email;
            customer.address.town = town;
            customer.since = Instant.ofEpochSecond(1_700_000_000, 123_456_000);
            em.persist(customer);
            return customer.id;
        });
    }

    Long offer(String name, String price, int stock, Long... categories) {
        return transaction(em -> {
            Product product = new Product();
            product.name = name;
            product.price = new BigDecimal(price);
            product.stock = stock;
            product.description = name.repeat(2_000);
            product.attributes.put("colour", "red");
            for (Long category : categories) {
                product.categories.add(em.getReference(Category.class, category));
            }
            em.persist(product);
            return product.id;
        });
    }

    Long category(String name, Long parent) {
        return transaction(em -> {
            Category category = new Category();
            category.name = name;
            category.parent = parent == null ? null : em.getReference(Category.class, parent);
            em.persist(category);
            return category.id;
        });
    }

    /** Takes the products off the shelf, one line each; whoever comes second waits and then finds less. */
    Long buy(Long customer, Map<Long, Integer> wanted) {
        return transaction(em -> {
            Purchase purchase = new Purchase();
            purchase.customer = em.getReference(Customer.class, customer);
            purchase.placed = LocalDate.of(2026, 11, 22);
            // in the order of their keys, so that two buyers can't wait for each other
            new TreeMap<>(wanted).forEach((id, quantity) -> {
                Product product = em.find(Product.class, id, LockModeType.PESSIMISTIC_WRITE);
                if (product.stock < quantity) {
                    throw new IllegalStateException("only " + product.stock + " of " + product.name + " left");
                }
                product.stock -= quantity;
                Line line = new Line();
                line.purchase = purchase;
                line.number = purchase.lines.size() + 1;
                line.product = product;
                line.quantity = quantity;
                purchase.lines.add(line);
            });
            em.persist(purchase);
            return purchase.id;
        });
    }

    void removeLine(Long purchase, int index) {
        transaction(em -> em.find(Purchase.class, purchase).lines.remove(index));
    }

    List<String> page(int number, int size) {
        return transaction(em -> em.createQuery("select p.name from Product p order by p.name, p.id", String.class)
                .setFirstResult(number * size)
                .setMaxResults(size)
                .getResultList());
    }

    record Revenue(String town, long purchases, BigDecimal total) {}

    List<Revenue> revenue() {
        return transaction(em -> em.createQuery(
                        "select c.address.town, count(distinct p), sum(l.quantity * l.product.price)"
                                + " from Purchase p join p.customer c join p.lines l"
                                + " group by c.address.town having count(l) > 0 order by c.address.town",
                        Revenue.class)
                .getResultList());
    }

    int raise(String name, int percent) {
        return transaction(em -> em.createQuery(
                        "update versioned Product p set p.price = p.price * (100 + :percent) / 100 where p.name like :name")
                .setParameter("percent", percent)
                .setParameter("name", name)
                .executeUpdate());
    }
}
