/** A sample application as it is written against H2: JPA entities, a service, and tests that only know a URL. */
package io.tunabledb.integration.shop;
