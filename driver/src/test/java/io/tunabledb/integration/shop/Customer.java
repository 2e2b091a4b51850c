package io.tunabledb.integration.shop;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

@Entity
class Customer {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @Column(nullable = false, unique = true, length = 100)
    String email;

    @Embedded
    Address address = new Address();

    Instant since;

    @OneToMany(mappedBy = "customer")
    List<Purchase> purchases = new ArrayList<>();

    @Embeddable
    static class Address {
        String street;
        String town;
    }
}
