package io.tunabledb.jdbc.parameter;

import io.tunabledb.engine.client.PreparedText.DescribedParameter;
import io.tunabledb.engine.client.Translator;
import io.tunabledb.jdbc.contract.Misuse;
import io.tunabledb.jdbc.contract.Wrapped;
import java.sql.ParameterMetaData;
import java.sql.SQLException;
import java.util.List;

/** The parameters of a text, each of which its own statement describes, as H2 does. */
public final class TextParameters implements ParameterMetaData {

    private final List<DescribedParameter> parameters;
    private final Translator translator;

    public TextParameters(List<DescribedParameter> parameters, Translator translator) {
        this.translator = translator;
        this.parameters = List.copyOf(parameters);
    }

    /** One question about a parameter. */
    private interface Question<T> {
        T of(ParameterMetaData parameters, int index) throws SQLException;
    }

    private <T> T ask(int index, Question<T> question) throws SQLException {
        if (index < 1 || index > parameters.size()) {
            throw Misuse.invalid("param", index);
        }
        DescribedParameter parameter = parameters.get(index - 1);
        return question.of(parameter.parameters(), parameter.index());
    }

    @Override
    public int getParameterCount() {
        return parameters.size();
    }

    @Override
    public int isNullable(int param) throws SQLException {
        return ask(param, ParameterMetaData::isNullable);
    }

    @Override
    public boolean isSigned(int param) throws SQLException {
        return ask(param, ParameterMetaData::isSigned);
    }

    @Override
    public int getPrecision(int param) throws SQLException {
        return ask(param, ParameterMetaData::getPrecision);
    }

    @Override
    public int getScale(int param) throws SQLException {
        return ask(param, ParameterMetaData::getScale);
    }

    @Override
    public int getParameterType(int param) throws SQLException {
        return ask(param, ParameterMetaData::getParameterType);
    }

    @Override
    public String getParameterTypeName(int param) throws SQLException {
        return ask(param, ParameterMetaData::getParameterTypeName);
    }

    @Override
    public String getParameterClassName(int param) throws SQLException {
        return translator.className(ask(param, ParameterMetaData::getParameterClassName), getParameterTypeName(param));
    }

    @Override
    public int getParameterMode(int param) throws SQLException {
        return ask(param, ParameterMetaData::getParameterMode);
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return Wrapped.unwrap(this, type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return Wrapped.is(this, type);
    }
}
