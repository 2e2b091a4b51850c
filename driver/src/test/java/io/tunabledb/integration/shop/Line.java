package io.tunabledb.integration.shop;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import jakarta.persistence.UniqueConstraint;
import java.math.BigDecimal;

@Entity
@Table(uniqueConstraints = @UniqueConstraint(columnNames = {"purchase_id", "number"}))
class Line {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    Long id;

    @ManyToOne(optional = false)
    Purchase purchase;

    int number;

    @ManyToOne(optional = false)
    Product product;

    int quantity;

    BigDecimal amount() {
        return product.price.multiply(BigDecimal.valueOf(quantity));
    }
}
