package io.tunabledb.hibernate;

import io.tunabledb.consistency.Level;
import java.util.Collection;
import java.util.Locale;
import org.hibernate.metamodel.mapping.EntityMappingType;
import org.jspecify.annotations.Nullable;

/** What entities' annotations say. */
final class EntityLadders {

    /** What an entity that says nothing counts as: the level of statements that nothing decides for. */
    private static final Level SILENT = Level.SEQUENTIAL;

    private EntityLadders() {}

    /** The strongest ladder of those entities, or null when that is one's who says nothing. */
    static @Nullable String strongest(Collection<EntityMappingType> entities) {
        Level strongest = Level.READ_UNCOMMITTED;
        String ladder = null;
        boolean any = false;
        for (EntityMappingType entity : entities) {
            Consistency annotation =
                    entity.getMappedJavaType().getJavaTypeClass().getAnnotation(Consistency.class);
            Level level = annotation == null ? SILENT : first(annotation.value());
            if (!any || level.isStrongerThan(strongest)) {
                strongest = level;
                ladder = annotation == null ? null : annotation.value();
            }
            any = true;
        }
        return ladder;
    }

    /** The level wanted most. The rest of the ladder is read by the database, whose parser says what is wrong with it. */
    private static Level first(String ladder) {
        String word = ladder.strip().split("[^A-Za-z_]", 2)[0];
        return Level.named(word)
                .orElseThrow(() -> new IllegalArgumentException("@Consistency(\"" + ladder + "\") starts with \""
                        + word.toUpperCase(Locale.ROOT) + "\", which is no level; the levels are " + Level.names()));
    }
}
