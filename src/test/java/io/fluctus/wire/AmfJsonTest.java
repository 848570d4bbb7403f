package io.fluctus.wire;

import static io.fluctus.wire.AmfCase.map;
import static io.fluctus.wire.AmfCase.obj;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class AmfJsonTest {
    private record Row(String name, AmfValue value, String json) {}

    /** Each value as the one element of a JSON array. */
    private static final List<Row> TABLE = List.of(
            new Row("whole number", AmfValue.of(3), "[3]"),
            new Row("largest exact number", AmfValue.of(9007199254740992.0), "[9007199254740992]"),
            new Row("fraction", AmfValue.of(0.5), "[0.5]"),
            new Row("large number", AmfValue.of(1e300), "[1.0E300]"),
            new Row("integer", new AmfValue.Int(-1), "[-1]"),
            new Row("NaN", AmfValue.of(Double.NaN), "[null]"),
            new Row("infinity", AmfValue.of(Double.NEGATIVE_INFINITY), "[null]"),
            new Row("boolean", AmfValue.of(true), "[true]"),
            new Row("string", AmfValue.of("a\n"), "[\"a\\n\"]"),
            new Row("null", AmfValue.NULL, "[null]"),
            new Row("undefined in an array", AmfValue.UNDEFINED, "[null]"),
            new Row("undefined in an object", obj("a", AmfValue.UNDEFINED, "b", AmfValue.NULL), "[{\"b\":null}]"),
            new Row("date", new AmfValue.Date(86_400_000), "[86400000]"),
            new Row("date that is none", new AmfValue.Date(Double.NaN), "[null]"),
            new Row("bytes", new AmfValue.Bytes(Buffer.buffer(new byte[] {-1, -1})), "[\"__8\"]"),
            new Row("XML", new AmfValue.Xml("<a/>", true), "[\"<a/>\"]"),
            new Row("object", obj("b", AmfValue.of(1), "a", AmfValue.of("x")), "[{\"b\":1,\"a\":\"x\"}]"),
            new Row("typed object", new AmfValue.Obj("java.lang.Thread", map("a", AmfValue.of(1))), "[{\"a\":1}]"),
            new Row("ECMA array", new AmfValue.Ecma(map("0", AmfValue.of(1))), "[{\"0\":1}]"),
            new Row("array", AmfValue.Array.of(AmfValue.of(1), AmfValue.NULL), "[[1,null]]"),
            new Row(
                    "array with names",
                    new AmfValue.Array(List.of(AmfValue.of(1)), map("a", AmfValue.of(2))),
                    "[{\"0\":1,\"a\":2}]"),
            new Row(
                    "vector",
                    new AmfValue.Vector(AmfValue.Vector.Kind.INT, true, "", List.of(AmfValue.of(1))),
                    "[[1]]"),
            new Row(
                    "dictionary",
                    new AmfValue.Dictionary(
                            false,
                            List.of(
                                    new AmfValue.Dictionary.Entry(AmfValue.of(1.5), AmfValue.of(1)),
                                    new AmfValue.Dictionary.Entry(new AmfValue.Int(2), AmfValue.of(2)),
                                    new AmfValue.Dictionary.Entry(obj(), AmfValue.of(3)))),
                    "[{\"1.5\":1,\"2\":2}]"),
            new Row(
                    "ArrayCollection",
                    new AmfValue.Obj(
                            "flex.messaging.io.ArrayCollection", map("source", AmfValue.Array.of(AmfValue.of(1)))),
                    "[[1]]"),
            new Row("cycle in an object", obj("me", new AmfValue.Cycle(1)), "[{}]"),
            new Row("cycle in an array", AmfValue.Array.of(new AmfValue.Cycle(1)), "[[null]]"));

    @Test
    void everyRowBecomesItsJson() {
        for (Row row : TABLE) {
            assertThat(AmfJson.toJson(List.of(row.value())).encode())
                    .as(row.name())
                    .isEqualTo(row.json());
        }
    }

    @Test
    void membersBecomeAnObject() {
        assertThat(AmfJson.toJson(map("a", AmfValue.of(1), "b", AmfValue.UNDEFINED)))
                .isEqualTo(new JsonObject().put("a", 1L));
    }

    @Test
    void nullAndUndefinedAreEmpty() {
        assertThat(AmfJson.toJson(AmfValue.NULL)).isEmpty();
        assertThat(AmfJson.toJson(AmfValue.UNDEFINED)).isEmpty();
        assertThat(AmfJson.toJson(AmfValue.of(false))).contains(false);
    }

    @Test
    void jsonReadsBackAsPlainAmf() {
        String json = "{\"a\":[1,2.5,\"x\",true,null,{}],\"b\":{\"c\":-1}}";
        AmfValue value = AmfJson.fromJson(new JsonObject(json));
        assertThat(value)
                .isEqualTo(obj(
                        "a",
                        AmfValue.Array.of(
                                AmfValue.of(1),
                                AmfValue.of(2.5),
                                AmfValue.of("x"),
                                AmfValue.of(true),
                                AmfValue.NULL,
                                obj()),
                        "b",
                        obj("c", AmfValue.of(-1))));
        assertThat(AmfJson.toJson(value)).contains(new JsonObject(json));
    }

    @Test
    void argumentsReadAsAList() {
        assertThat(AmfJson.allFromJson(new JsonArray(Arrays.asList(1, null, "x"))))
                .containsExactly(AmfValue.of(1), AmfValue.NULL, AmfValue.of("x"));
    }

    @Test
    void bytesReadAsBytes() {
        AmfValue expected = new AmfValue.Bytes(Buffer.buffer("x"));
        assertThat(AmfJson.fromJson(new byte[] {'x'})).isEqualTo(expected);
        assertThat(AmfJson.fromJson(Buffer.buffer("x"))).isEqualTo(expected);
    }

    @Test
    void depth32IsReadAnd33IsRefused() {
        assertThat(AmfJson.fromJson(new JsonArray("[".repeat(32) + "]".repeat(32))))
                .isNotNull();
        assertThatThrownBy(() -> AmfJson.fromJson(new JsonArray("[".repeat(33) + "]".repeat(33))))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void whatIsNoJsonIsRefused() {
        assertThatThrownBy(() -> AmfJson.fromJson(Instant.EPOCH))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a Instant is no JSON value");
    }
}
