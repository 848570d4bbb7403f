package io.fluctus.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of one message while they are read, and the limits that hold for them. Containers are drafts first, because a
 * reference may meet one that is still open; {@link #build} turns them into immutable values, with a {@link AmfValue.Cycle}
 * where one contains itself. Limits count what a naive walk over the result would see, so references cannot multiply it.
 */
final class AmfGraph {
    /** Containers inside each other. */
    static final int MAX_DEPTH = 32;

    /** Values in one message, each counted wherever it stands. */
    static final int MAX_NODES = 10_000;

    /** Characters and bytes in all strings, names, XML and byte arrays of one message, each counted wherever it stands. */
    static final int MAX_CONTENT = 4 * 1024 * 1024;

    /** Bytes of a class name, a member's name or a key: AMF0 cannot say more. */
    static final int MAX_NAME = 65_535;

    private static final int NOWHERE = Integer.MAX_VALUE;

    /** What makes a container out of its finished children. */
    interface Finish {
        AmfValue of(List<AmfValue> items, Map<String, AmfValue> named);
    }

    /** A leaf, or a container that still grows. */
    static final class Draft {
        private final Finish finish;
        private final int classNameLength;
        private final List<Draft> items = new ArrayList<>(0);
        private final Map<String, Draft> named = new LinkedHashMap<>(0);
        private AmfValue built;
        private int height;
        private int nodes = 1;
        private long content;
        private int openAt;

        private Draft(Finish finish, int classNameLength) {
            this.finish = finish;
            this.classNameLength = classNameLength;
        }

        void add(Draft item) {
            items.add(item);
        }

        /** The last of two members of one name wins. */
        void put(String name, Draft member) {
            named.put(name, member);
        }
    }

    private int readDepth;
    private int readNodes;

    private int nodes;
    private long content;
    private int lowestTarget = NOWHERE;
    private int deepest;

    /** Counts one value on the wire before it is read. */
    void value() {
        if (++readNodes > MAX_NODES) {
            throw tooManyNodes();
        }
    }

    Draft leaf(AmfValue value, int content) {
        Draft leaf = new Draft(null, 0);
        leaf.built = value;
        leaf.content = content;
        return leaf;
    }

    /** A container whose children follow; {@link #close} when they are read. */
    Draft open(String className, Finish finish) {
        if (++readDepth > MAX_DEPTH) {
            throw tooDeep();
        }
        return new Draft(finish, className.length());
    }

    void close() {
        readDepth--;
    }

    /** The finished value of one draft; all drafts of a message share one set of limits. */
    AmfValue build(Draft root) {
        return build(root, 1);
    }

    private AmfValue build(Draft draft, int depth) {
        if (draft.built != null) {
            deepest = Math.max(deepest, depth + draft.height - 1);
            if (deepest > MAX_DEPTH) {
                throw tooDeep();
            }
            charge(draft.nodes, draft.content);
            return draft.built;
        }
        charge(1, 0);
        if (draft.openAt > 0) {
            lowestTarget = Math.min(lowestTarget, draft.openAt);
            return new AmfValue.Cycle(depth - draft.openAt);
        }
        if (depth > MAX_DEPTH) {
            throw tooDeep();
        }
        return container(draft, depth);
    }

    private AmfValue container(Draft draft, int depth) {
        int outerTarget = lowestTarget;
        int outerDeepest = deepest;
        int nodesBefore = nodes - 1;
        long contentBefore = content;
        lowestTarget = NOWHERE;
        deepest = depth;
        draft.openAt = depth;
        charge(0, draft.classNameLength);
        AmfValue value = draft.finish.of(items(draft, depth + 1), named(draft, depth + 1));
        draft.openAt = 0;
        if (lowestTarget >= depth) {
            // Nothing inside points above it: it means the same wherever it is referred to, so it is shared.
            draft.built = value;
            draft.nodes = nodes - nodesBefore;
            draft.content = content - contentBefore;
            draft.height = deepest - depth + 1;
        }
        lowestTarget = Math.min(lowestTarget, outerTarget);
        deepest = Math.max(deepest, outerDeepest);
        return value;
    }

    private List<AmfValue> items(Draft draft, int depth) {
        List<AmfValue> items = new ArrayList<>(draft.items.size());
        for (Draft item : draft.items) {
            items.add(build(item, depth));
        }
        return items;
    }

    private Map<String, AmfValue> named(Draft draft, int depth) {
        Map<String, AmfValue> named = new LinkedHashMap<>();
        for (Map.Entry<String, Draft> member : draft.named.entrySet()) {
            charge(0, member.getKey().length());
            named.put(member.getKey(), build(member.getValue(), depth));
        }
        return named;
    }

    private void charge(int moreNodes, long moreContent) {
        nodes += moreNodes;
        content += moreContent;
        if (nodes > MAX_NODES) {
            throw tooManyNodes();
        }
        if (content > MAX_CONTENT) {
            throw new ProtocolException("AMF strings and byte arrays of one message are more than 4 MiB");
        }
    }

    private static ProtocolException tooManyNodes() {
        return new ProtocolException("AMF message holds more than " + MAX_NODES + " values");
    }

    static ProtocolException tooDeep() {
        return new ProtocolException("AMF value is nested deeper than " + MAX_DEPTH);
    }
}
