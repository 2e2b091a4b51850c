package io.tunabledb.examples.spring;

import java.util.List;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The shop over HTTP. */
@RestController
class ShopController {
    private static final int RETRIES = 10;
    private static final long PAUSE_MILLIS = 5;

    private final Shop shop;

    ShopController(Shop shop) {
        this.shop = shop;
    }

    @PostMapping("/items")
    @ResponseStatus(HttpStatus.CREATED)
    public Shop.Offer add(@RequestParam String name, @RequestParam int stock) {
        return shop.add(name, stock);
    }

    @GetMapping("/items")
    public List<Shop.Offer> window() {
        return shop.window();
    }

    @GetMapping("/items/{id}")
    public ResponseEntity<Shop.Offer> find(@PathVariable long id) {
        return ResponseEntity.of(shop.find(id));
    }

    @GetMapping("/items/{id}/stock")
    public ResponseEntity<Integer> stock(@PathVariable long id) {
        return ResponseEntity.of(shop.stock(id));
    }

    /** The transaction is tried again as a whole, so this stands outside it. */
    @PostMapping("/items/{id}/sales")
    @Retryable(includes = ConcurrencyFailureException.class, maxRetries = RETRIES, delay = PAUSE_MILLIS)
    public ResponseEntity<Void> sell(@PathVariable long id, @RequestParam int quantity) {
        return ResponseEntity.status(shop.sell(id, quantity) ? HttpStatus.CREATED : HttpStatus.CONFLICT)
                .build();
    }

    @GetMapping("/report")
    public Shop.Report report() {
        return shop.report(() -> {});
    }
}
