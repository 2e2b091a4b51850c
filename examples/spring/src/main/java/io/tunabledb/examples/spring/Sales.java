package io.tunabledb.examples.spring;

import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Query;

interface Sales extends JpaRepository<Sale, Long> {

    @Query("select coalesce(sum(s.quantity), 0) from Sale s")
    long sold();
}
