package io.fluctus.web;

import io.fluctus.audience.Encoding;
import io.fluctus.audience.Run;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetSocketAddress;

/**
 * The channel under an HTTP response or WebSocket whose head Vert.x has sent: bytes that were framed once for all viewers are
 * written below its codec. All of it happens on the channel's event loop.
 */
final class LiveChannel extends ChannelInboundHandlerAdapter {
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    /** Bytes that the kernel may hold unsent: a slow viewer's queue is to be seen here. */
    private static final long NOT_SENT_LOW_WATER = 128 * 1024;

    private static final String NAME = "live";

    private final Runnable writable;
    private ChannelHandlerContext context;

    private LiveChannel(Runnable writable) {
        this.writable = writable;
    }

    /** Goes in right above the TLS handler, or first; {@code writable} runs when the channel takes bytes again. */
    static LiveChannel under(HttpConnection connection, Runnable writable) {
        Channel channel = ((ConnectionBase) connection).channel();
        channel.config().setWriteBufferWaterMark(WATER_MARK);
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER);
        }
        LiveChannel live = new LiveChannel(writable);
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get("ssl") != null) {
            pipeline.addAfter("ssl", NAME, live);
        } else {
            pipeline.addFirst(NAME, live);
        }
        return live;
    }

    /** Where the connection really comes from: a PROXY header speaks of somebody else. */
    static String hostBehind(HttpConnection connection) {
        return ((ConnectionBase) connection).channel().remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
    }

    /** Runs {@code closed} on the connection's event loop, also when the connection has become a WebSocket. */
    static void whenClosed(HttpConnection connection, Runnable closed) {
        ((ConnectionBase) connection).channel().closeFuture().addListener(future -> closed.run());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    boolean writable() {
        return context.channel().isWritable();
    }

    void write(Run run, Encoding encoding) {
        write(run.encoded(encoding));
    }

    void write(Buffer bytes) {
        write(((BufferInternal) bytes).getByteBuf());
    }

    void close() {
        context.channel().close();
    }

    /** Gives the channel back to Vert.x. */
    void leave() {
        if (!context.isRemoved()) {
            context.pipeline().remove(this);
        }
    }

    private void write(ByteBuf bytes) {
        context.writeAndFlush(bytes, context.channel().voidPromise());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        if (changed.channel().isWritable()) {
            writable.run();
        }
        changed.fireChannelWritabilityChanged();
    }
}
