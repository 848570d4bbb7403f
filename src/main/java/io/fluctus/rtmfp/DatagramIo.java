package io.fluctus.rtmfp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.SegmentedDatagramPacket;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A UDP socket on a verticle's event loop: many datagrams for one system call where epoll is there (recvmmsg and sendmmsg), one by
 * one elsewhere.
 */
final class DatagramIo extends ChannelInboundHandlerAdapter implements Outgoing.Outlet {
    private static final Logger LOG = LoggerFactory.getLogger("rtmfp");

    /** Room for each datagram of a batch: longer ones are cut, and no honest packet is. */
    private static final int DATAGRAM = 2048;

    private static final int BATCH = 32;

    /** Datagrams to one address that the system takes as one and cuts apart (UDP_SEGMENT): as many as a burst has. */
    private static final int MAX_SEGMENTS = 6;

    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    /** Bytes that may wait for the socket; more are dropped. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(8 << 20, 16 << 20);

    /** Datagrams read before what they caused is sent. */
    private static final int MAX_READS = 16;

    /** What arrives. */
    interface Listener {
        /** The bytes are valid during the call only. */
        void received(Datagram datagram);

        /** There is nothing more for now. */
        void receivedAll();
    }

    /** Where and how to listen; {@code bufferSize} 0 leaves the system's. */
    record Settings(InetSocketAddress address, boolean sharedPort, int bufferSize) {}

    private final ContextInternal context;
    private final Listener listener;
    private Channel channel;
    private boolean segmented;
    private ByteBuf gathered; // for one address, all of one length but for the last
    private InetSocketAddress gatheredTo;
    private int segment;
    private boolean last;

    private DatagramIo(ContextInternal context, Listener listener) {
        this.context = context;
        this.listener = listener;
    }

    static Future<DatagramIo> open(Context owner, Settings settings, Listener listener) {
        ContextInternal context = (ContextInternal) owner;
        DatagramIo io = new DatagramIo(context, listener);
        Promise<DatagramIo> opened = context.promise();
        ChannelFuture bound =
                bootstrap(context.nettyEventLoop(), settings).handler(io).bind(settings.address);
        bound.addListener(done -> {
            if (done.isSuccess()) {
                io.channel = bound.channel();
                io.segmented = io.channel instanceof EpollDatagramChannel
                        && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
                opened.complete(io);
            } else {
                opened.fail(done.cause());
            }
        });
        return opened.future();
    }

    private static Bootstrap bootstrap(EventLoop loop, Settings settings) {
        Bootstrap bootstrap = new Bootstrap().group(loop).option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        if (loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class)) {
            bootstrap
                    .channel(EpollDatagramChannel.class)
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DATAGRAM)
                    .option(ChannelOption.RECVBUF_ALLOCATOR, batches())
                    .option(EpollChannelOption.SO_REUSEPORT, settings.sharedPort);
        } else {
            bootstrap
                    .channel(NioDatagramChannel.class)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new AdaptiveRecvByteBufAllocator(DATAGRAM, DATAGRAM, 65_536))
                    .option(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), settings.sharedPort);
        }
        if (settings.bufferSize > 0) {
            bootstrap
                    .option(ChannelOption.SO_RCVBUF, settings.bufferSize)
                    .option(ChannelOption.SO_SNDBUF, settings.bufferSize);
        }
        return bootstrap;
    }

    private static FixedRecvByteBufAllocator batches() {
        FixedRecvByteBufAllocator allocator = new FixedRecvByteBufAllocator(DATAGRAM * BATCH);
        allocator.maxMessagesPerRead(MAX_READS);
        return allocator;
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    /** Queues a copy of a datagram; a full socket drops it, as the network would. */
    @Override
    public void send(InetSocketAddress to, byte[] bytes, int length) {
        boolean follows = segmented && gathered != null && !last && length <= segment && to.equals(gatheredTo);
        if (!follows) {
            hand();
            if (!channel.isWritable()) {
                return;
            }
            gathered = ALLOCATOR.directBuffer(length);
            gatheredTo = to;
            segment = length;
            last = false;
        } else if (gathered.readableBytes() == segment) {
            gathered.capacity(MAX_SEGMENTS * segment);
        }
        gathered.writeBytes(bytes, 0, length);
        last |= length < segment || gathered.readableBytes() >= MAX_SEGMENTS * segment;
    }

    /** Hands what was gathered to the channel: one datagram, or several of one length that the system cuts apart. */
    private void hand() {
        if (gathered == null) {
            return;
        }
        ByteBuf bytes = gathered;
        gathered = null;
        if (bytes.readableBytes() <= segment) {
            channel.write(new DatagramPacket(bytes, gatheredTo), channel.voidPromise());
        } else {
            channel.write(new SegmentedDatagramPacket(bytes, segment, gatheredTo))
                    .addListener(done -> segmented &= done.isSuccess()); // some way out cannot: then one by one
        }
    }

    /** Nothing is read while it is paused. */
    void pause(boolean paused) {
        channel.config().setAutoRead(!paused);
    }

    void flush() {
        hand();
        channel.flush();
    }

    Future<Void> close() {
        flush();
        Promise<Void> closed = context.promise();
        channel.close().addListener(done -> closed.complete());
        return closed.future();
    }

    @Override
    public void channelRead(ChannelHandlerContext handlerContext, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        ContextInternal before = context.beginDispatch();
        try {
            listener.received(new Datagram(
                    packet.sender(), BufferInternal.buffer(packet.content().slice())));
        } finally {
            context.endDispatch(before);
            packet.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext handlerContext) {
        context.dispatch(listener::receivedAll);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext handlerContext, Throwable cause) {
        if (!(cause instanceof IOException)) { // such as an ICMP answer to what we sent
            LOG.error("a fault of our own", cause);
        }
    }
}
