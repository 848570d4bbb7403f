package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fluctus.wire.ByteReader;
import io.fluctus.wire.ProtocolException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What members of a group say, as librtmfp was heard to say it. */
class GroupMessageTest {
    static final String SPEC = "G:027f02010101000103010c050e74657374011b00";
    private static final String ID = "c3ab09fc9d3fd2fe3f4f82762c530b96f2eb1c49d9fe615f48f250545b731dc9";
    private static final String PEER = "fcaa64041fabd04da428f15523a97a41cd82d114abf80715f4f8f62792352e4c";

    @Test
    void theIdOfAGroupIsTheHashOfItsTextUpToTheMarker() {
        GroupSpec spec = GroupSpec.parse(SPEC);
        assertThat(spec.hexId()).isEqualTo(ID);
        assertThat(spec.name()).isEqualTo("test");
        assertThat(spec.text()).isEqualTo(SPEC.substring(0, SPEC.length() - 2));
    }

    @Test
    void whatFollowsTheMarkerIsTheMembersOwnAffair() {
        assertThat(GroupSpec.parse(SPEC + "070ae00000fe814b").id())
                .isEqualTo(GroupSpec.parse(SPEC).id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G", "g:00", "G:0", "G:zz", "G:05", "G:ff0e"})
    void whatIsNoSpecificationIsRefusedWithASentence(String wrong) {
        assertThatThrownBy(() -> GroupSpec.parse(wrong)).isInstanceOf(ProtocolException.class);
    }

    @Test
    void aSpecificationIsBounded() {
        assertThatThrownBy(() -> GroupSpec.parse("G:" + "00".repeat(GroupSpec.MAX_LENGTH / 2)))
                .isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "a hello, 01 4100 " + GroupMessageTest.HEX_ID
                + " 2101 4bbe0ed440898785c69067e92f806411d3325042fee2400fd0d15939a3425a5a" + " 2303 210f " + PEER,
        "ready, 02",
        "begin, 0e",
        "a report without others, 0a 080d027f0000018b1b 080a037f0000014ba0 00",
        "a member, 0b " + PEER,
        "ask to close, 0c",
        "a stream, 21 03006731 2101de09d8c4d47b644ee9eeb066d214a1768771deef3a2e6f3896fff6a858c0aa32 0102 0303be40 040492a760 020564 03079344",
        "the end of a stream, 21 8842",
        "a map, 22 8103 80 80",
        "a mask, 23 28",
        "a pull, 2b 8103",
    })
    void everyMessageIsReadAndWrittenAsItWasSeen(String name, String hex) {
        Buffer bytes = Captures.hex(hex);
        GroupMessage message = GroupMessage.decode(bytes);
        assertThat(message.encode()).as(name + " " + message).isEqualTo(bytes);
    }

    private static final String HEX_ID =
            "63336162303966633964336664326665336634663832373632633533306239366632656231633439643966653631356634386632353035343562373331646339";

    @Test
    void aReportNamesOthersWithTheirAddresses() {
        Buffer bytes = Captures.hex("0a080d027f000001d33d080a037f0000014ba000" + "22210f" + PEER + "00010a00" + "22210f"
                + ID + "010f0a037f0000014ba0027f000001ceb700");
        GroupMessage.Report report = (GroupMessage.Report) GroupMessage.decode(bytes);
        assertThat(report.others()).hasSize(2);
        assertThat(report.others().get(0).addresses()).isEmpty();
        assertThat(report.others().get(1).age()).isEqualTo(1);
        assertThat(report.others().get(1).addresses())
                .extracting(a -> a.socket().getPort())
                .containsExactly(19360, 52919);
        assertThat(report.encode()).isEqualTo(bytes);
    }

    @Test
    void aGroupIsJoinedByItsIdOrItsSpecification() {
        assertThat(GroupMessage.joined(Captures.hex("012115" + ID))).contains(Captures.hex(ID));
        Buffer spec = Buffer.buffer("G:0102");
        assertThat(GroupMessage.joined(Captures.hex("010710").appendBuffer(spec)))
                .contains(Crypto.sha256(spec));
        assertThat(GroupMessage.joined(Captures.hex("01021500"))).isEmpty();
        assertThat(GroupMessage.joined(Captures.hex("0b"))).isEmpty();
        assertThat(GroupMessage.joined(GroupMessage.join(Captures.hex(ID)))).contains(Captures.hex(ID));
    }

    @Test
    void aMapSaysWhatItsSenderHas() {
        GroupMessage.Holdings map = new GroupMessage.Holdings(131, Captures.hex("8080"));
        List<Long> held = new ArrayList<>();
        for (long id = 0; id < 140; id++) {
            if (map.has(id)) {
                held.add(id);
            }
        }
        assertThat(held).containsExactly(115L, 123L, 131L);
    }

    @ParameterizedTest
    @CsvSource({
        "20 73 08 000001ff af01aabb, WHOLE, 115, 0, 8, 511",
        "30 813b 04 09 000003af 2701, FIRST, 187, 4, 9, 943",
        "10 8103 03 2701, MIDDLE, 131, 3, 0, 0",
        "00 8104 2701, LAST, 132, 0, 0, 0",
    })
    void fragmentsAreReadAndWrittenAsTheyWereSeen(
            String hex, Fragment.Place place, long id, int remaining, int type, long time) {
        Buffer bytes = Captures.hex(hex);
        ByteReader in = new ByteReader(bytes);
        Fragment fragment = Fragment.decode(in.u8(), in);
        assertThat(fragment.place()).isEqualTo(place);
        assertThat(fragment.id()).isEqualTo(id);
        assertThat(fragment.remaining()).isEqualTo(remaining);
        assertThat(fragment.type()).isEqualTo(type);
        assertThat(fragment.time()).isEqualTo(time);
        assertThat(fragment.encode()).isEqualTo(bytes);
    }

    @Test
    void aFirstPieceMayLackItsCount() {
        ByteReader in = new ByteReader(Captures.hex("30813b09000003af2701"));
        Fragment fragment = Fragment.decode(in.u8(), in);
        assertThat(fragment.type()).isEqualTo(FlowMessage.VIDEO);
        assertThat(fragment.time()).isEqualTo(943);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01",
                "01 4100 63",
                "0a",
                "0a 080d02",
                "0a 080a027f0000018b1b",
                "0b 00",
                "21 0300673100000000000000000000000000000000000000000000000000000000000000000000000000",
                "22",
                "23",
                "2b",
                "2b ffffffffffffffffff01",
                "30",
                "99",
            })
    void whatIsCutOrWrongIsAProtocolErrorAndNothingElse(String hex) {
        assertThatThrownBy(() -> GroupMessage.decode(Captures.hex(hex))).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2000", "20", "3001", "200109", "400100", "10ffffffffffffffffffff"})
    void aWrongFragmentIsAProtocolError(String hex) {
        ByteReader in = new ByteReader(Captures.hex(hex));
        assertThatThrownBy(() -> Fragment.decode(in.u8(), in)).isInstanceOf(ProtocolException.class);
    }

    /** A whole recorded dialogue of two members, of flows known by their metadata. */
    @Test
    void everyMessageOfARecordedMulticastIsUnderstood() {
        Map<Long, Buffer> flows = new HashMap<>();
        Map<String, Integer> seen = new HashMap<>();
        for (Buffer plain : Captures.packets("librtmfp-netgroup-multicast-2")) {
            Packet packet = Packet.decode(plain);
            long flow = -1;
            for (Chunk chunk : packet.chunks()) {
                Buffer data;
                int flags;
                if (chunk instanceof Chunk.UserData user) {
                    flow = user.flowId() * 4 + packet.mode(); // each side counts its own
                    Option.find(user.options(), Chunk.UserData.METADATA)
                            .ifPresent(m -> flows.put(user.flowId() * 4 + packet.mode(), m));
                    data = user.data();
                    flags = user.flags();
                } else if (chunk instanceof Chunk.NextUserData next) {
                    data = next.data();
                    flags = next.flags();
                } else {
                    continue;
                }
                boolean whole = (flags & (Chunk.UserData.BEGIN | Chunk.UserData.END)) == 0;
                if (whole && data.length() > 0) {
                    seen.merge(read(GroupFlow.of(flows.get(flow)).orElseThrow(), data), 1, Integer::sum);
                }
            }
        }
        assertThat(seen)
                .containsKeys("Hello", "Ready", "Begin", "Report", "Described", "Holdings", "Push", "Pull", "Fragment");
    }

    private static String read(GroupFlow flow, Buffer data) {
        if (flow == GroupFlow.MEDIA) {
            ByteReader in = new ByteReader(data);
            Fragment fragment = Fragment.decode(in.u8(), in);
            assertThat(fragment.encode()).isEqualTo(data);
            return "Fragment";
        }
        GroupMessage message = GroupMessage.decode(data);
        assertThat(message.encode()).isEqualTo(data);
        return message.getClass().getSimpleName();
    }
}
