package io.tunabledb.engine.peer;

import io.tunabledb.engine.codec.Form;
import io.tunabledb.engine.message.Message;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Messages and their answers as bytes, and what arrives when they were written to bytes and read back. */
final class Copies {
    @SuppressWarnings("rawtypes") // of any answer
    private static final Form<Message> MESSAGES = Form.of(Message.class);

    private static final Map<Class<?>, Form<Object>> ANSWERS = new ConcurrentHashMap<>();

    private Copies() {}

    static byte[] bytes(Message<?> message) {
        return MESSAGES.bytes(message);
    }

    /** The message that {@link #bytes} wrote. */
    static Message<?> message(byte[] bytes) {
        return MESSAGES.read(bytes);
    }

    /** How a message's answer is written. */
    static Form<Object> answers(Message<?> message) {
        return ANSWERS.computeIfAbsent(message.getClass(), asked -> Form.of(answerOf(asked)));
    }

    @SuppressWarnings("unchecked") // the same class
    static <A> Message<A> of(Message<A> message) {
        return (Message<A>) message(bytes(message));
    }

    @SuppressWarnings("unchecked") // of the type that the message names
    static <A> A ofAnswer(Message<A> message, A answer) {
        Form<Object> form = answers(message);
        return (A) form.read(form.bytes(answer));
    }

    /** What a message is answered with: the argument of the only interface that it has. */
    static Type answerOf(Class<?> message) {
        return ((ParameterizedType) message.getGenericInterfaces()[0]).getActualTypeArguments()[0];
    }
}
