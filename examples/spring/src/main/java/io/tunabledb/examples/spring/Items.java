package io.tunabledb.examples.spring;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

interface Items extends JpaRepository<Item, Long> {

    @Query("select coalesce(sum(i.stock), 0) from Item i")
    long stock();
}
