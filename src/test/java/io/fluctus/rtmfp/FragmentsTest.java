package io.fluctus.rtmfp;

import static org.assertj.core.api.Assertions.assertThat;

import io.fluctus.media.MediaPacket;
import io.fluctus.media.MediaPacket.Kind;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets into fragments, fragments in a bounded store, and packets again. */
class FragmentsTest {
    private static final Buffer VIDEO_HEADER = Captures.hex("1700000000 0142001e");
    private static final Buffer AUDIO_HEADER = Captures.hex("af001210");
    private static final int KEEP = 10_000;
    private static final int PATIENCE = 1_000;

    private final Fragmenter fragmenter = new Fragmenter();
    private final FragmentStore store = new FragmentStore(KEEP);
    private final Reassembler reassembler = new Reassembler(store, PATIENCE);

    private static Buffer video(boolean key, int length) {
        return Buffer.buffer(new byte[length])
                .setByte(0, (byte) (key ? 0x17 : 0x27))
                .setByte(1, (byte) 1);
    }

    private static Buffer sound(int number) {
        return Buffer.buffer(new byte[] {(byte) 0xaf, 1, (byte) number});
    }

    private List<Fragment> cut(Kind kind, long time, Buffer payload) {
        return fragmenter.cut(MediaPacket.of(kind, time, payload));
    }

    // -- cutting

    @ParameterizedTest
    @CsvSource({"10, 1", "959, 1", "960, 2", "1918, 2", "1919, 3", "245504, 256"})
    void aMessageIsCutIntoPiecesThatSayHowManyFollow(int length, int pieces) {
        cut(Kind.VIDEO, 0, VIDEO_HEADER);
        List<Fragment> cut = cut(Kind.VIDEO, 40, video(true, length));
        assertThat(cut).hasSize(pieces);
        for (int i = 0; i < pieces; i++) {
            assertThat(cut.get(i).remaining()).isEqualTo(pieces - 1 - i);
            assertThat(cut.get(i).id()).isEqualTo(2 + i);
        }
        assertThat(cut.get(0).place()).isEqualTo(pieces == 1 ? Fragment.Place.WHOLE : Fragment.Place.FIRST);
        assertThat(cut.get(0).time()).isEqualTo(40);
        assertThat(cut.stream().mapToInt(f -> f.data().length()).sum()).isEqualTo(length);
    }

    @Test
    void aMessageWhosePiecesCannotBeCountedInAByteIsLeftOut() {
        assertThat(cut(Kind.VIDEO, 0, video(true, Fragment.MAX_MESSAGE + 1))).isEmpty();
        assertThat(fragmenter.tooLong()).isEqualTo(1);
        assertThat(fragmenter.last()).isZero();
    }

    @Test
    void noPictureGoesAheadOfTheFirstKeyFrameAndNothingEmptyGoesAtAll() {
        assertThat(cut(Kind.VIDEO, 0, video(false, 100))).isEmpty();
        assertThat(cut(Kind.AUDIO, 0, Buffer.buffer())).isEmpty();
        assertThat(cut(Kind.PUBLISHED, 0, Buffer.buffer("x"))).isEmpty();
        assertThat(cut(Kind.AUDIO, 0, sound(1))).hasSize(1);
        assertThat(cut(Kind.VIDEO, 40, video(true, 100))).hasSize(1);
        assertThat(cut(Kind.VIDEO, 80, video(false, 100))).hasSize(1);
    }

    @Test
    void headersAreSaidAgainBeforeKeyFramesAndWithSoundOnceASecond() {
        cut(Kind.VIDEO, 0, VIDEO_HEADER);
        cut(Kind.AUDIO, 0, AUDIO_HEADER);
        assertThat(cut(Kind.VIDEO, 100, video(true, 10))).as("just said").hasSize(1);
        assertThat(cut(Kind.AUDIO, 500, sound(1))).hasSize(1);
        List<Fragment> picture = cut(Kind.VIDEO, 2_000, video(true, 10));
        assertThat(picture).hasSize(2);
        assertThat(picture.get(0).data()).isEqualTo(VIDEO_HEADER);
        assertThat(picture.get(0).time()).isEqualTo(2_000);
        List<Fragment> heard = cut(Kind.AUDIO, 2_000, sound(2));
        assertThat(heard).extracting(Fragment::data).containsExactly(AUDIO_HEADER, sound(2));
        assertThat(cut(Kind.AUDIO, 2_020, sound(3))).hasSize(1);
    }

    @Test
    void timeBeginsWithTheFirstMessage() {
        cut(Kind.AUDIO, 1_000_000, sound(1));
        assertThat(cut(Kind.AUDIO, 1_000_020, sound(2)).get(0).time()).isEqualTo(20);
    }

    // -- keeping

    private static Fragment whole(long id) {
        return new Fragment(Fragment.Place.WHOLE, id, 0, FlowMessage.AUDIO, 20 * id, sound((int) id));
    }

    @Test
    void whatIsHeldIsToldInBits() {
        for (long id : new long[] {115, 123, 131}) {
            assertThat(store.add(whole(id), 0)).isTrue();
        }
        assertThat(store.holdings().encode()).isEqualTo(Captures.hex("2281038080"));
        assertThat(store.add(whole(123), 0)).as("twice").isFalse();
    }

    @Test
    void fragmentsAreForgottenWithTimeAndDoNotComeBack() {
        store.add(whole(1), 0);
        store.add(whole(2), 5_000);
        store.prune(KEEP + 1);
        assertThat(store.has(1)).isFalse();
        assertThat(store.has(2)).isTrue();
        assertThat(store.add(whole(1), KEEP + 1)).isFalse();
        assertThat(store.first()).isEqualTo(2);
    }

    @Test
    void neitherANumberNorBytesAreUnbounded() {
        store.add(whole(1), 0);
        assertThat(store.add(whole(1L << 40), 0)).as("nowhere near").isFalse();
        Buffer large = Buffer.buffer(new byte[4_000]);
        for (long id = 2; id < 20_000; id++) {
            store.add(new Fragment(Fragment.Place.WHOLE, id, 0, FlowMessage.VIDEO, 0, large), 0);
        }
        assertThat(store.bytes()).isLessThanOrEqualTo(FragmentStore.MAX_BYTES);
        assertThat(store.last()).isEqualTo(19_999);
    }

    @Test
    void whoPoisonsTheNumbersDoesNotStopTheStreamForEver() {
        store.add(whole(1L << 40), 0);
        assertThat(store.add(whole(5), 0)).isFalse();
        store.prune(KEEP + 1);
        assertThat(store.add(whole(6), KEEP + 1)).isTrue();
    }

    // -- joining

    private void keep(List<Fragment> fragments) {
        fragments.forEach(f -> store.add(f, 0));
    }

    @Test
    void whatWasCutComesOutAsItWentInWhateverTheOrder() {
        List<MediaPacket> sent = new ArrayList<>();
        List<Fragment> fragments = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            MediaPacket packet = MediaPacket.of(Kind.VIDEO, 40L * i, video(i == 0, 1_000 + 333 * i));
            sent.add(packet);
            fragments.addAll(fragmenter.cut(packet));
        }
        Collections.shuffle(fragments, new Random(1));
        keep(fragments);
        assertThat(reassembler.advance(1, 0)).isEmpty();
        assertThat(reassembler.advance(1, 300)).isEqualTo(sent);
        assertThat(reassembler.next()).isEqualTo(fragmenter.last() + 1);
    }

    @Test
    void aHoleIsWaitedForAndThenPassedOverToTheNextKeyFrame() {
        keep(cut(Kind.VIDEO, 0, video(true, 10)));
        keep(cut(Kind.VIDEO, 40, video(false, 10)));
        List<Fragment> lost = cut(Kind.VIDEO, 80, video(false, 10));
        keep(cut(Kind.VIDEO, 120, video(false, 11)));
        keep(cut(Kind.AUDIO, 125, sound(1)));
        keep(cut(Kind.VIDEO, 160, video(true, 12)));
        reassembler.advance(1, 0);
        assertThat(reassembler.advance(1, 300))
                .extracting(MediaPacket::timestamp)
                .containsExactly(0L, 40L);
        assertThat(reassembler.advance(1, 300 + PATIENCE - 1)).isEmpty();
        assertThat(reassembler.advance(1, 300 + PATIENCE))
                .as("a frame that was built on the lost one is left out, sound is not")
                .extracting(MediaPacket::timestamp)
                .containsExactly(125L, 160L);
        assertThat(reassembler.skipped()).isEqualTo(lost.size());
    }

    @Test
    void aHoleThatIsFilledInTimeCostsNothing() {
        keep(cut(Kind.AUDIO, 0, sound(0)));
        List<Fragment> late = cut(Kind.AUDIO, 20, sound(1));
        keep(cut(Kind.AUDIO, 40, sound(2)));
        reassembler.advance(1, 0);
        assertThat(reassembler.advance(1, 300)).hasSize(1);
        keep(late);
        assertThat(reassembler.advance(1, 900))
                .extracting(MediaPacket::timestamp)
                .containsExactly(20L, 40L);
        assertThat(reassembler.skipped()).isZero();
    }

    @Test
    void theMiddleOfAMessageIsNoBeginning() {
        List<Fragment> picture = cut(Kind.VIDEO, 0, video(true, 3_000));
        keep(picture.subList(1, picture.size()));
        keep(cut(Kind.VIDEO, 40, video(true, 10)));
        reassembler.advance(1, 0);
        assertThat(reassembler.advance(1, 300))
                .extracting(MediaPacket::timestamp)
                .containsExactly(40L);
    }

    @Test
    void aMessageThatNeverEndsIsDroppedAndTheNextOneComes() {
        store.add(new Fragment(Fragment.Place.FIRST, 1, 3, FlowMessage.VIDEO, 0, video(true, 10)), 0);
        store.add(new Fragment(Fragment.Place.MIDDLE, 2, 2, 0, 0, Buffer.buffer("x")), 0);
        store.add(whole(3), 0);
        reassembler.advance(1, 0);
        assertThat(reassembler.advance(1, 300)).extracting(MediaPacket::kind).containsExactly(Kind.AUDIO);
    }
}
