package io.tunabledb.integration.shop;

import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Lob;
import jakarta.persistence.ManyToMany;
import jakarta.persistence.Version;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

@Entity
class Product {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @Column(nullable = false)
    String name;

    @Column(precision = 12, scale = 2, nullable = false)
    BigDecimal price;

    int stock;

    UUID code = UUID.randomUUID();

    @Lob
    String description;

    @Version
    long version;

    @ManyToMany
    Set<Category> categories = new HashSet<>();

    @ElementCollection
    Map<String, String> attributes = new TreeMap<>();
}
