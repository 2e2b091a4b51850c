package io.tunabledb.engine.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The form of a record: its components, in their order. */
final class RecordForm {
    private final Constructor<?> constructor;
    private final List<Method> accessors;
    private final List<Form<@Nullable Object>> forms;

    private RecordForm(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            constructor = type.getDeclaredConstructor(types);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("every record has its canonical constructor", e);
        }
        // a record may be private to the class that sends it, and still be written
        constructor.setAccessible(true);
        accessors = Arrays.stream(components).map(RecordComponent::getAccessor).toList();
        accessors.forEach(accessor -> accessor.setAccessible(true));
        forms = Arrays.stream(components)
                .map(component -> Form.orNull(component.getGenericType()))
                .toList();
    }

    static Form<?> of(Class<?> type) {
        RecordForm form = new RecordForm(type);
        return new Form<Object>(form::write, form::read);
    }

    private void write(Object value, ByteSink out) {
        for (int i = 0; i < forms.size(); i++) {
            try {
                forms.get(i).write(accessors.get(i).invoke(value), out);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            } catch (InvocationTargetException e) {
                throw new IllegalStateException("an accessor failed", e.getCause());
            }
        }
    }

    private Object read(ByteSource in) {
        Object[] values = new Object[forms.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = forms.get(i).read(in);
        }
        try {
            return constructor.newInstance(values);
        } catch (InstantiationException | IllegalAccessException e) {
            throw new IllegalStateException(e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(
                    constructor.getDeclaringClass().getSimpleName() + " refuses what was read", e.getCause());
        }
    }
}
