/**
 * A small social bank that uses every consistency level while its network is hurt, and a public data set whose reports
 * must come out as plain H2's. {@link io.tunabledb.examples.quickstart.Quickstart} tells the story.
 */
@NullMarked
package io.tunabledb.examples.quickstart;

import org.jspecify.annotations.NullMarked;
