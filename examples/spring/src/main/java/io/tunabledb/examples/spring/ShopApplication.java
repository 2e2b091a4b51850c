package io.tunabledb.examples.spring;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.resilience.annotation.EnableResilientMethods;

/** Starts the shop. */
@SpringBootApplication
@EnableResilientMethods
public class ShopApplication {

    /** For Spring. */
    public ShopApplication() {}

    /** Starts it with Spring's usual arguments. */
    public static void main(String[] args) {
        SpringApplication.run(ShopApplication.class, args);
    }
}
