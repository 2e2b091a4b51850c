/** What must outlive a crash, a damaged file and a close; and what running and stopping may cost. */
package io.tunabledb.durability;
