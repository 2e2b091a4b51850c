package io.tunabledb.examples.spring;

import io.tunabledb.hibernate.ConsistencyInspector;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes {@link Consistency} take effect. */
@Aspect
@Component
class ConsistencyAspect {

    @Around("@annotation(consistency)")
    @Nullable
    Object at(ProceedingJoinPoint method, Consistency consistency) throws Throwable {
        try {
            return CurrentConsistency.during(ConsistencyInspector.reads(consistency.value()), () -> proceed(method));
        } catch (Thrown e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static @Nullable Object proceed(ProceedingJoinPoint method) {
        try {
            return method.proceed();
        } catch (Throwable e) {
            throw new Thrown(e);
        }
    }

    /** Carries what the method threw out of a Supplier. */
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;

        Thrown(Throwable cause) {
            super(cause);
        }
    }
}
