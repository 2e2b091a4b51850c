package io.tunabledb.engine.h2.catalog;

/**
 * A view of schema {@value SystemSchema#NAME} over the engine's own replicated tables, which users can't name: its rows
 * come from the querying session's H2 snapshot, so a level means for it what it means for any table.
 *
 * @param name upper case
 * @param query a SELECT over tables of {@value Storage#INTERNAL_SCHEMA} that are there from the start
 */
public record SystemView(String name, String query) {}
