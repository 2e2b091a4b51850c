package io.tunabledb.integration.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.OptimisticLockException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.hibernate.Hibernate;
import org.hibernate.exception.ConstraintViolationException;
import org.hibernate.jpa.HibernatePersistenceConfiguration;
import org.hibernate.tool.schema.Action;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The sample application on H2, and on this database with only the URL changed. */
@ParameterizedClass
@ValueSource(strings = {"jdbc:h2:mem:shop", "jdbc:tunable:mem:shop"})
record ShopTest(String url) {
    private static EntityManagerFactory factory;
    private static Shop shop;

    @BeforeParameterizedClassInvocation
    static void open(String url) {
        factory = new HibernatePersistenceConfiguration("shop")
                .jdbcUrl(url)
                .jdbcPoolSize(16)
                .managedClasses(Customer.class, Product.class, Category.class, Purchase.class, Line.class)
                .schemaToolingAction(Action.CREATE_DROP)
                .createEntityManagerFactory();
        shop = new Shop(factory);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        factory.close();
    }

    @BeforeEach
    void isWhereItShouldBe() {
        String product = factory.unwrap(org.hibernate.SessionFactory.class)
                .fromSession(session -> session.doReturningWork(
                        connection -> connection.getMetaData().getURL()));
        assertThat(product).startsWith(url);
    }

    @AfterEach
    void clean() {
        factory.getSchemaManager().truncate();
    }

    @Test
    void keysAreGeneratedAndRelationsRead() {
        Long food = shop.category("food", null);
        Long fruit = shop.category("fruit", food);
        Long apple = shop.offer("apple", "0.40", 100, fruit, food);
        Long pear = shop.offer("pear", "0.55", 100, fruit);
        assertThat(pear).isGreaterThan(apple);
        Long ada = shop.register("ada@example.org", "London");
        Long purchase = shop.buy(ada, Map.of(apple, 3, pear, 2));
        shop.transaction(em -> {
            Purchase read = em.find(Purchase.class, purchase);
            assertThat(read.total()).isEqualByComparingTo("2.30");
            assertThat(Hibernate.unproxy(read.customer, Customer.class).email).isEqualTo("ada@example.org");
            assertThat(Hibernate.unproxy(read.customer, Customer.class).since)
                    .hasToString("2023-11-14T22:13:20.123456Z");
            assertThat(read.lines).extracting(line -> line.product.name).containsExactly("apple", "pear");
            Product product = em.find(Product.class, apple);
            assertThat(product.categories)
                    .extracting(category -> category.name)
                    .containsExactlyInAnyOrder("food", "fruit");
            assertThat(product.attributes).containsEntry("colour", "red");
            assertThat(product.description).hasSize(10_000);
            assertThat(em.find(Category.class, fruit).parent.name).isEqualTo("food");
            return assertThat(em.find(Category.class, fruit).products).hasSize(2);
        });
    }

    @Test
    void anOrphanIsDeletedAndTheOthersStay() {
        Long product = shop.offer("ink", "3.00", 10);
        Long other = shop.offer("pen", "1.00", 10);
        Long purchase = shop.buy(shop.register("bob@example.org", "Rome"), Map.of(product, 1, other, 1));
        shop.removeLine(purchase, 0);
        assertThat(shop.<Long>transaction(em ->
                        em.createQuery("select count(*) from Line", Long.class).getSingleResult()))
                .isEqualTo(1);
    }

    @Test
    void pagesFollowEachOtherWithoutGapsOrRepeats() {
        IntStream.rangeClosed(1, 25).forEach(i -> shop.offer("product %02d".formatted(i), "1.00", 1));
        List<String> read = Stream.of(0, 1, 2, 3)
                .flatMap(page -> shop.page(page, 10).stream())
                .toList();
        assertThat(read).hasSize(25).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aReportAndABulkUpdateCount() {
        Long apple = shop.offer("apple", "2.00", 100);
        Long ada = shop.register("ada@example.org", "London");
        Long bob = shop.register("bob@example.org", "Rome");
        shop.buy(ada, Map.of(apple, 1));
        shop.buy(ada, Map.of(apple, 2));
        shop.buy(bob, Map.of(apple, 4));
        assertThat(shop.revenue())
                .extracting(
                        Shop.Revenue::town,
                        Shop.Revenue::purchases,
                        row -> row.total().stripTrailingZeros())
                .containsExactly(tuple("London", 2L, new BigDecimal("6")), tuple("Rome", 1L, new BigDecimal("8")));
        assertThat(shop.raise("app%", 50)).isEqualTo(1);
        assertThat(shop.<BigDecimal>transaction(em -> em.find(Product.class, apple).price))
                .isEqualByComparingTo("3.00");
    }

    @Test
    void aUniqueKeyAndAForeignKeyAreKept() {
        Long ada = shop.register("ada@example.org", "London");
        assertThatThrownBy(() -> shop.register("ada@example.org", "Paris"))
                .hasRootCauseInstanceOf(java.sql.SQLIntegrityConstraintViolationException.class)
                .satisfiesAnyOf(
                        e -> assertThat(e).isInstanceOf(ConstraintViolationException.class),
                        e -> assertThat(e).hasCauseInstanceOf(ConstraintViolationException.class));
        shop.buy(ada, Map.of(shop.offer("apple", "1.00", 5), 1));
        assertThatThrownBy(() -> shop.transaction(em -> {
                    em.remove(em.find(Customer.class, ada));
                    return null;
                }))
                .hasStackTraceContaining("23503");
    }

    @Test
    void buyersAtTheSameTimeNeverSellMoreThanThereIs() {
        Long apple = shop.offer("apple", "1.00", 10);
        Long pear = shop.offer("pear", "1.00", 10);
        Long ada = shop.register("ada@example.org", "London");
        List<CompletableFuture<Boolean>> buyers = IntStream.range(0, 12)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    try {
                        shop.buy(ada, Map.of(apple, 2, pear, 2));
                        return true;
                    } catch (IllegalStateException soldOut) {
                        return false;
                    }
                }))
                .toList();
        assertThat(buyers.stream().filter(CompletableFuture::join).count()).isEqualTo(5);
        assertThat(shop.<Integer>transaction(em -> em.find(Product.class, apple).stock))
                .isZero();
    }

    @Test
    void theSecondOfTwoEditorsIsTold() {
        Long apple = shop.offer("apple", "1.00", 10);
        Product mine = shop.transaction(em -> em.find(Product.class, apple));
        shop.transaction(em -> em.find(Product.class, apple).stock = 9);
        mine.stock = 8;
        assertThatThrownBy(() -> shop.transaction(em -> em.merge(mine))).isInstanceOf(OptimisticLockException.class);
    }

    @Test
    void whatFailsHalfwayLeavesNothing() {
        Long apple = shop.offer("apple", "1.00", 10);
        Long pear = shop.offer("pear", "1.00", 1);
        Long ada = shop.register("ada@example.org", "London");
        assertThatThrownBy(() -> shop.buy(ada, Map.of(apple, 5, pear, 2))).hasMessageContaining("only 1 of pear left");
        assertThat(shop.<Integer>transaction(em -> em.find(Product.class, apple).stock))
                .isEqualTo(10);
    }
}
