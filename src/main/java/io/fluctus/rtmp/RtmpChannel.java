package io.fluctus.rtmp;

import io.fluctus.audience.Encoding;
import io.fluctus.audience.Run;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of one RTMP peer: the Netty channel under Vert.x's NetSocket, without what that costs for each connection and write.
 * All of it happens on the channel's event loop.
 */
final class RtmpChannel extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger("rtmp");

    /** Bytes waiting in user space at which a viewer counts as not writable, and at which it does again. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    /** Bytes that the kernel may hold unsent: so a slow viewer's queue is here, where it is measured, and not there. */
    private static final int NOT_SENT_LOW_WATER = 128 * 1024;

    /** How long a peer that was told to go may take to read its last word. */
    private static final long LINGER_MILLIS = 2_000;

    /** What happens on the socket. */
    interface Listener {
        /** The bytes are valid during the call only. */
        void received(Buffer bytes);

        /** It takes bytes again. */
        void writable();

        /** Once, whoever closed it. */
        void closed();
    }

    private final Channel channel;
    private final ContextInternal context;
    private Listener listener;
    private ChannelHandlerContext handlerContext;
    private boolean closing;
    private long written;

    private RtmpChannel(Channel channel, ContextInternal context) {
        this.channel = channel;
        this.context = context;
    }

    /**
     * Takes the channel from Vert.x; to be called in the connect handler, before anything was read. What the listener does runs on
     * {@code context}, so that answers of the bus come back to it.
     */
    static RtmpChannel take(NetSocket socket, Context context) {
        Channel channel = ((NetSocketInternal) socket).channelHandlerContext().channel();
        channel.config().setWriteBufferWaterMark(WATER_MARK);
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) NOT_SENT_LOW_WATER);
        }
        return new RtmpChannel(channel, (ContextInternal) context);
    }

    /** Where the connection really comes from: a PROXY header speaks of somebody else. */
    static String hostBehind(NetSocket socket) {
        Channel channel = ((NetSocketInternal) socket).channelHandlerContext().channel();
        return channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "";
    }

    /** From now on {@code listener} hears. */
    void start(Listener listener) {
        this.listener = listener;
        channel.pipeline().replace("handler", "rtmp", this);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        handlerContext = added;
    }

    boolean writable() {
        return channel.isWritable();
    }

    void write(Buffer bytes) {
        if (!closing) {
            written += bytes.length();
            handlerContext.writeAndFlush(((BufferInternal) bytes).getByteBuf(), channel.voidPromise());
        }
    }

    void write(Run run, Encoding encoding) {
        if (!closing) {
            ByteBuf bytes = run.encoded(encoding);
            written += bytes.readableBytes();
            handlerContext.writeAndFlush(bytes, channel.voidPromise());
        }
    }

    /** Bytes that were given to the socket. */
    long written() {
        return written;
    }

    void pauseReading(boolean paused) {
        channel.config().setAutoRead(!paused);
    }

    boolean readingIsPaused() {
        return !channel.config().isAutoRead();
    }

    /** Sends what was written, then ends the connection so that the peer can still read it. */
    void finish() {
        if (closing) {
            return;
        }
        closing = true;
        channel.config().setAutoRead(true);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (written.isSuccess() && channel instanceof SocketChannel socket) {
                SslHandler tls = channel.pipeline().get(SslHandler.class);
                if (tls == null) {
                    socket.shutdownOutput();
                } else {
                    tls.closeOutbound();
                }
                channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                channel.close();
            }
        });
        channel.eventLoop().schedule(() -> channel.close(), 2 * LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Ends the connection now. */
    void close() {
        closing = true;
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext handlerContext, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        ContextInternal before = context.beginDispatch();
        try {
            if (!closing) {
                listener.received(BufferInternal.buffer(bytes.readerIndex() == 0 ? bytes : bytes.slice()));
            }
        } finally {
            context.endDispatch(before);
            bytes.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext handlerContext) {
        if (channel.isWritable() && !closing) {
            listener.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext handlerContext, Object event) {
        // Nothing upstream of here is of interest, and the pipeline's tail would only log it.
    }

    @Override
    public void channelInactive(ChannelHandlerContext handlerContext) {
        closing = true;
        context.dispatch(listener::closed);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext handlerContext, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.error("{}: closed after a fault of our own", channel.remoteAddress(), cause);
        }
        channel.close();
    }
}
