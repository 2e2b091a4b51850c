/*
 * Transactions over shards and cuts through them, with leader changes, recovery and cancelled cuts.
 * The protocol and its words are in DESIGN.md beside this file. `.ci/model` runs every configuration.
 *
 * What is modelled. A shard is what its log makes of it (replicated: it survives) and what its leader thinks of it
 * (volatile: a leader change forgets it, and loses what was proposed and not yet logged). Each option of the loop at
 * the end is one step of one party; each is atomic, and any may come next. Messages are not kept: what they carry are facts that
 * stay true (decided, closed, started), so that a message received late is a step taken late, and a lost one a step
 * not taken. Where the protocol's parties ask a leader that was deposed, there is a step for it.
 *
 * Sizes: NS shards, NX transactions over shards, EMAX cuts, LC leader changes in all.
 * Parts: CHAIN (T1 on one shard, then T2 on another because of it or of a transaction), CHAINX (T1 on shard 2, then
 * transaction 0 on shards 0 and 1 because of it), READER (a LINEARIZABLE statement over all shards), READ1
 * (LINEARIZABLE reads of one shard), CANCEL (the coordinator may give a cut up), EAGER (home may abort at any time; otherwise only
 * when the transaction cannot go on, so that a wait in a circle is seen as one).
 * Each other macro drops one rule and must be found out.
 */
#ifndef NS
#define NS 2
#endif
#ifndef NX
#define NX 2
#endif
#ifndef EMAX
#define EMAX 1
#endif
#ifndef LC
#define LC 1
#endif

#define X(x, s) ((x) * NS + (s))
#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define BIT(k) (1 << (k))
#if NS == 3
#define ALL(p) (p(0) && p(1) && p(2))
#else
#define ALL(p) (p(0) && p(1))
#endif
/* with CHAINX, transaction 0 has no part in shard 2 */
#ifdef CHAINX
#define MEMBER(s) ((s) < 2)
#else
#define MEMBER(s) true
#endif

/* ---- shards: replicated ---- */
byte started;          /* shard 0: the newest Start in its log */
byte cancelled;        /* shard 0: bit k: Cancel(k) is in its log */
byte epoch[NS];

/* ---- shards: their leaders ---- */
byte want[NS];         /* wants to close up to this epoch */
byte closing[NS];      /* a Close up to this epoch is proposed; 0: none */
byte rel[NS];          /* knows that this epoch and all before are released */
bool own;              /* shard 0: this leader logged the newest Start itself */
bool confirmed;        /* shard 0: this leader confirmed the newest cut */
byte changes = LC;

/* ---- transactions over shards ---- */
#if NX > 0
#define UNDECIDED 0
#define COMMIT 1
#define ABORT 2
byte home[NX];
byte dec[NX];          /* replicated at home */
byte cep[NX];          /* the epoch it commits in */
byte sess[NX];         /* the epoch its session carries */
byte need[NX];         /* ghost: the highest epoch of its causes */
bool begun[NX];
#define NONE 0
#define PREPARED 1     /* at home: decided, for an epoch home has not reached */
#define COMMITTED 2
#define UNDONE 3
byte st[NX * NS];      /* replicated at the member */
byte vote[NX * NS];    /* replicated at the member */
byte proposed[NX * NS];/* leader: 1 + the vote of a Prepare that is proposed */
bool lost[NX * NS];    /* its statements' work at that leader is gone */
#ifdef FORGET_PREPARED
bool forgotten[NX * NS];
#endif
#ifdef ANSWER_PROPOSED
bool told[NX];         /* Decide is proposed, and the participants were told */
#endif
#ifdef READ1
bool seen[NX];
#endif
#endif

/* ---- the chain ---- */
byte a;                /* T1's shard */
byte t1, t1ep;         /* 1 logged, 2 acknowledged */
byte t2, t2need, t2sess; /* 1 begun, 2 logged */

/* ---- the reader ---- */
#ifdef READER
byte l;                /* 1 begun, 2 its request for a cut is accepted, 3 so it is by a deposed leader, 4 has read */
byte ln;               /* the cut */
byte lmin;             /* ghost: only cuts from this on have all that was acknowledged before it began */
byte pin[2];           /* the cuts it is pinned at */
#ifdef STALE_CONFIRM
byte deposed;          /* a deposed leader believes that it is collecting answers for this cut */
#endif
#endif

/* ---- ghosts ---- */
byte complete;         /* bit k: cut k was complete: somebody may have read it */
byte bad;              /* bit k: cut k has an effect without its cause */
byte k;

#define CLOSED(s) (epoch[s] >= started)
#ifdef ANSWER_EARLY    /* a leader says "closed" when it has proposed to close */
bool early[NS];
#define SAID(s) (CLOSED(s) || early[s])
#else
#define SAID(s) CLOSED(s)
#endif
/* what a coordinator has said of the newest epoch; all before it are released */
#ifdef CONCLUDE_RELEASE /* a node concludes it from what it sees of the shards */
#define RELEASED (ALL(SAID) || (cancelled & BIT(started)))
#else
#define RELEASED ((complete | cancelled) & BIT(started))
#endif

#ifdef NO_HOLD_BACK
#define MAY_ACK(s, e) true
#else
#define MAY_ACK(s, e) (rel[s] >= (e))
#endif
#ifdef NO_READ_HOLD
#define MAY_TELL(s, e) true
#else
#define MAY_TELL(s, e) (rel[s] >= (e))
#endif
#ifdef NO_SESSION_RULE
#define CARRIED(e) 0
#else
#define CARRIED(e) (e)
#endif

/* An effect in epoch e of causes up to epoch c: the cuts between have it without them. */
inline effect(e, c) {
    k = (e) + 1;
    do
    :: k <= (c) -> bad = bad | BIT(k); k++
    :: else -> break
    od;
    k = 0;
    assert(!(bad & complete))
}

#ifdef READER
inline read() {
    assert(pin[0] == pin[1]);
    assert(lmin <= ln);
    l = 4; ln = 0; lmin = 0; pin[0] = 0; pin[1] = 0
}

inline refuse() { l = 1; ln = 0; pin[0] = 0; pin[1] = 0 }
#endif

/* ---- the coordinator ---- */
#ifdef NO_START_ORDER
#define START_ORDER true
#else
#define START_ORDER (rel[0] == started)
#endif
inline start() {
    d_step {
        started < EMAX && START_ORDER -> started++; own = true; confirmed = false
    }
}

inline confirm() {
    d_step {
        started > 0 && ALL(SAID) && !confirmed && !(cancelled & BIT(started)) ->
        confirmed = true;
        rel[0] = started;
        complete = complete | BIT(started);
        assert(!(bad & complete));
#ifdef READER
        if
        :: l == 2 && ln == started -> read()
        :: else
        fi
#endif
    }
}

#ifdef NO_START_ORDER
inline confirm_older() {
    d_step {
        started > 1 && !(complete & BIT(1)) && epoch[0] > 0 && epoch[1] > 0 ->
        complete = complete | BIT(1);
        assert(!(bad & complete))
    }
}
#endif

inline cancel() {
    d_step {
        started > 0 && !confirmed && !(cancelled & BIT(started)) ->
        cancelled = cancelled | BIT(started);
#if defined(READER) && !defined(USE_CANCELLED)
        if
        :: l == 2 && ln == started -> refuse()
        :: else
        fi
#endif
    }
}

/* ---- closing ---- */
inline tell_want(s) { d_step { want[s] < started -> want[s] = started } }

inline tell_released(s) {
    d_step {
        started > 0 && rel[s] < (RELEASED -> started : started - 1) ->
        rel[s] = (RELEASED -> started : started - 1)
    }
}

#if NX > 0
#ifdef FORGET_PREPARED
#define OPEN(x, s) (st[X(x, s)] == PREPARED && !forgotten[X(x, s)])
#else
#define OPEN(x, s) (st[X(x, s)] == PREPARED)
#endif
#if defined(NO_COMMIT_CONDITION)
#define SETTLED(x, e) (dec[x] != UNDECIDED)
#elif defined(NO_DECIDED_CONDITION)
#define SETTLED(x, e) (dec[x] != COMMIT || cep[x] >= (e))
#else
#define SETTLED(x, e) (dec[x] == COMMIT && cep[x] >= (e))
#endif
#define CLEAR(x, s, e) (!OPEN(x, s) || vote[X(x, s)] >= (e) || SETTLED(x, e))
#endif
#if NX == 2
#define CLOSABLE(s, e) (CLEAR(0, s, e) && CLEAR(1, s, e))
#elif NX == 1
#define CLOSABLE(s, e) CLEAR(0, s, e)
#else
#define CLOSABLE(s, e) true
#endif

inline propose_close(s, e) {
    d_step {
        want[s] >= e && epoch[s] < e && closing[s] == 0 && CLOSABLE(s, e) ->
        closing[s] = e;
#ifdef ANSWER_EARLY
        early[s] = true
#endif
    }
}

inline log_close(s) {
    d_step {
        closing[s] > 0 ->
        if
#ifdef CHECK_AT_PROPOSE
        :: closing[s] > epoch[s] -> epoch[s] = closing[s]
#else
        :: closing[s] > epoch[s] && CLOSABLE(s, closing[s]) -> epoch[s] = closing[s]
#endif
        :: else /* void */
        fi;
        closing[s] = 0
    }
}

/* ---- transactions over shards ---- */
#if NX > 0
#define LOST(x, s) (MEMBER(s) && lost[X(x, s)])
#if NS == 3
#define STUCK(x) (LOST(x, 0) || LOST(x, 1) || LOST(x, 2))
#else
#define STUCK(x) (LOST(x, 0) || LOST(x, 1))
#endif
#define VOTED(x, s) (!MEMBER(s) || s == home[x] || st[X(x, s)] != NONE)
#if NS == 3
#define ALL_VOTED(x) (VOTED(x, 0) && VOTED(x, 1) && VOTED(x, 2))
#define HIGHEST(x) MAX(vote[X(x, 0)], MAX(vote[X(x, 1)], vote[X(x, 2)]))
#else
#define ALL_VOTED(x) (VOTED(x, 0) && VOTED(x, 1))
#define HIGHEST(x) MAX(vote[X(x, 0)], vote[X(x, 1)])
#endif

#ifdef BLOCK_PREPARES
#define MAY_PREPARE(s) (want[s] <= epoch[s])
#else
#define MAY_PREPARE(s) true
#endif
inline propose_prepare(x, s) {
    d_step {
        begun[x] && MEMBER(s) && s != home[x] && st[X(x, s)] == NONE && proposed[X(x, s)] == 0 && !lost[X(x, s)] &&
        MAY_PREPARE(s) ->
        proposed[X(x, s)] = 1 + MAX(MAX(want[s], epoch[s]), sess[x])
    }
}

inline log_prepare(x, s) {
    d_step {
        proposed[X(x, s)] > 0 ->
        st[X(x, s)] = PREPARED;
#ifdef VOTE_AS_PROPOSED
        vote[X(x, s)] = proposed[X(x, s)] - 1;
#else
        vote[X(x, s)] = MAX(proposed[X(x, s)] - 1, epoch[s]);
#endif
        proposed[X(x, s)] = 0
    }
}

#ifdef ANSWER_PROPOSED
inline propose_decide(x) {
    d_step {
        begun[x] && dec[x] == UNDECIDED && !told[x] && !lost[X(x, home[x])] && ALL_VOTED(x) ->
        told[x] = true;
        cep[x] = MAX(MAX(HIGHEST(x), sess[x]), epoch[home[x]])
    }
}
#define TOLD(x) (told[x] || dec[x] == COMMIT)
#define MAY_DECIDE(x) told[x]
#else
#define TOLD(x) (dec[x] == COMMIT)
#ifdef DECIDE_WAITS
#define MAY_DECIDE(x) (epoch[home[x]] >= HIGHEST(x))
#else
#define MAY_DECIDE(x) true
#endif
#endif

inline decide(x) {
    d_step {
        begun[x] && dec[x] == UNDECIDED && !lost[X(x, home[x])] && ALL_VOTED(x) && MAY_DECIDE(x) ->
#ifdef HOME_IGNORES_EPOCH
        cep[x] = MAX(HIGHEST(x), sess[x]);
#else
        cep[x] = MAX(MAX(HIGHEST(x), sess[x]), epoch[home[x]]);
#endif
        dec[x] = COMMIT;
        if
        :: cep[x] <= epoch[home[x]] -> assert(cep[x] == epoch[home[x]]); st[X(x, home[x])] = COMMITTED
        :: else -> st[X(x, home[x])] = PREPARED; vote[X(x, home[x])] = cep[x]
        fi;
        k = 0;
        do
        :: k < NS -> assert(st[X(x, k)] != UNDONE); k++
        :: else -> break
        od;
        effect(cep[x], need[x])
    }
}

inline commit(x, s) {
    d_step {
        st[X(x, s)] == PREPARED && TOLD(x) && epoch[s] >= cep[x] ->
        assert(epoch[s] == cep[x]); /* no cut is straddled */
        assert(dec[x] != ABORT);
        st[X(x, s)] = COMMITTED;
        vote[X(x, s)] = 0
    }
}

#ifdef EAGER
#define MAY_ABORT(x) true
#else
#define MAY_ABORT(x) STUCK(x)
#endif
inline abort(x) {
    d_step {
        dec[x] == UNDECIDED && MAY_ABORT(x) ->
        dec[x] = ABORT;
        k = 0;
        do
        :: k < NS -> assert(st[X(x, k)] != COMMITTED); k++
        :: else -> break
        od;
        k = 0
    }
}

inline undo(x, s) {
    d_step {
        st[X(x, s)] == PREPARED && dec[x] == ABORT -> st[X(x, s)] = UNDONE; vote[X(x, s)] = 0
    }
}

#ifdef PARTICIPANT_ABORTS
inline undo_alone(x, s) {
    d_step {
        st[X(x, s)] == PREPARED && s != home[x] && dec[x] == UNDECIDED -> st[X(x, s)] = UNDONE; vote[X(x, s)] = 0
    }
}
#endif

#ifdef FORGET_DECISION
inline forget(x) {
    d_step {
        dec[x] == COMMIT && st[X(x, home[x])] == COMMITTED -> dec[x] = UNDECIDED; lost[X(x, home[x])] = true
    }
}
#endif

/* A LINEARIZABLE read of one shard sees x; another, of any other shard, comes after it and waits for what is prepared there. */
#ifdef READ1
#ifdef NO_PREPARED_WAIT
#define SEES(x, s) (!MEMBER(s) || st[X(x, s)] == COMMITTED)
#else
#define SEES(x, s) (!MEMBER(s) || st[X(x, s)] == COMMITTED || st[X(x, s)] == PREPARED)
#endif
inline read1(x, s) {
    d_step {
        !seen[x] && st[X(x, s)] == COMMITTED && MAY_TELL(s, cep[x]) ->
        seen[x] = true;
        assert(SEES(x, 0) && SEES(x, 1));
#if NS == 3
        assert(SEES(x, 2))
#endif
    }
}
#endif
#endif

/* ---- a leader change ---- */
#if NX > 0
inline lose_work(x, s) {
    proposed[X(x, s)] = 0;
    lost[X(x, s)] = lost[X(x, s)] || st[X(x, s)] == NONE;
#ifdef FORGET_PREPARED
    forgotten[X(x, s)] = forgotten[X(x, s)] || st[X(x, s)] == PREPARED;
#endif
#ifdef ANSWER_PROPOSED
    told[x] = told[x] && s != home[x]
#endif
}
#endif

inline leader_change(s) {
    d_step {
        changes > 0 ->
        changes--;
        want[s] = 0;
        closing[s] = 0;
#ifdef FORGET_RELEASE
        rel[s] = epoch[s];
#else
        rel[s] = MAX(epoch[s], 1) - 1;
#endif
#if NX > 0
        lose_work(0, s);
#endif
#if NX > 1
        lose_work(1, s);
#endif
        if
        :: s == 0 -> /* the newest epoch in its log is Start's */
#ifndef FORGET_RELEASE
            rel[0] = MAX(started, 1) - 1;
#endif
#ifdef READER
#ifdef STALE_CONFIRM
            if
            :: own && !confirmed -> deposed = started
            :: else
            fi;
#endif
            if
            :: l == 2 -> refuse()
            :: else
            fi;
#endif
            own = false;
            confirmed = false
        :: else
        fi
    }
}

/* ---- the chain: T1, then T2 because of it ---- */
inline t1_log() { d_step { t1 == 0 -> t1 = 1; t1ep = epoch[a] } }
inline t1_ack() { d_step { t1 == 1 && MAY_ACK(a, t1ep) -> t1 = 2 } }
/* its client, or anyone it tells */
inline t2_after_ack() { d_step { t2 == 0 && t1 == 2 -> t2 = 1; t2need = t1ep } }
/* a session that read it */
inline t2_after_read() { d_step { t2 == 0 && t1 > 0 -> t2 = 1; t2need = t1ep; t2sess = CARRIED(t1ep) } }
/* anyone who is told by a LINEARIZABLE reader */
inline t2_after_linearizable_read() { d_step { t2 == 0 && t1 > 0 && MAY_TELL(a, t1ep) -> t2 = 1; t2need = t1ep } }
#if NX > 0
inline t2_after_x_ack(x) {
    d_step { t2 == 0 && dec[x] == COMMIT && MAY_ACK(home[x], cep[x]) -> t2 = 1; t2need = cep[x] }
}
inline t2_after_x_read(x, s) {
    d_step { t2 == 0 && st[X(x, s)] == COMMITTED -> t2 = 1; t2need = cep[x]; t2sess = CARRIED(cep[x]) }
}
#endif
inline t2_log() {
    d_step { t2 == 1 && epoch[1 - a] >= t2sess -> t2 = 2; effect(epoch[1 - a], t2need) }
}

/* transaction 0 because of T1 */
#ifdef CHAINX
inline x_after_ack() { d_step { !begun[0] && t1 == 2 -> begun[0] = true; need[0] = t1ep } }
inline x_after_read() {
    d_step { !begun[0] && t1 > 0 -> begun[0] = true; need[0] = t1ep; sess[0] = CARRIED(t1ep) }
}
#endif

/* ---- the reader ---- */
#ifdef READER
inline begin() {
    d_step {
        l == 0 ->
        l = 1;
        lmin = (t1 == 2 -> 1 + t1ep : 0); /* what was acknowledged before lies below this */
#if NX > 0
        if
#ifdef NO_HOLD_BACK
        :: dec[0] == COMMIT -> lmin = MAX(lmin, 1 + cep[0])
#else
        :: dec[0] == COMMIT && (cep[0] < started || cep[0] == 0 || RELEASED) -> lmin = MAX(lmin, 1 + cep[0])
#endif
        :: else
        fi
#endif
    }
}

#if defined(JOIN_RELEASED)
#define JOINS(n) ((n) <= started)
#elif defined(JOIN_INHERITED)
#define JOINS(n) ((n) == started && !confirmed && !(cancelled & BIT(started)))
#else
#define JOINS(n) ((n) == started && own && !confirmed && !(cancelled & BIT(started)))
#endif
/*
 * It has registered n at one replica of each shard, and asks for cut n. There may always be a replica that has not
 * applied epoch n yet, so n may be any; p and q are the epochs of the next Closes of its replicas.
 */
inline ask(n, p, q) {
    d_step {
        l == 1 && ((n) == started + 1 || JOINS(n)) && (p) <= epoch[0] + 1 && (q) <= epoch[1] + 1 ->
        l = 2;
        ln = n;
#ifdef PIN_ANY
        pin[0] = p;
        pin[1] = q;
#else
        pin[0] = n;
        pin[1] = n;
#endif
#ifdef JOIN_RELEASED
        if
        :: n == started && confirmed -> read()
        :: else
        fi
#endif
    }
}

#ifdef STALE_CONFIRM
/* The leader it asks was deposed, has all answers, and does not make sure that it still leads. */
inline ask_deposed() { d_step { l == 1 && deposed > 0 -> l = 3; ln = deposed; pin[0] = ln; pin[1] = ln } }
inline confirm_deposed() {
    d_step {
        l == 3 && epoch[0] >= ln && epoch[1] >= ln ->
        complete = complete | BIT(ln);
        assert(!(bad & complete));
        read()
    }
}
#endif

#ifdef USE_CANCELLED
/* It has its pins and does not wait to hear that the cut is complete. */
inline use_pins() {
    d_step {
        l == 2 && epoch[0] >= ln && epoch[1] >= ln ->
        complete = complete | BIT(ln);
        assert(!(bad & complete));
        read()
    }
}
#endif

#endif

/* ---- the end ---- */
#define AT_END(s) (epoch[s] == EMAX && closing[s] == 0)
#if NX > 0
#define RESOLVED(x, s) (st[X(x, s)] != PREPARED && proposed[X(x, s)] == 0)
#if NS == 3
#define X_DONE(x) (dec[x] != UNDECIDED && RESOLVED(x, 0) && RESOLVED(x, 1) && RESOLVED(x, 2))
#else
#define X_DONE(x) (dec[x] != UNDECIDED && RESOLVED(x, 0) && RESOLVED(x, 1))
#endif
#endif
#if NX == 2
#define XS_DONE (X_DONE(0) && X_DONE(1))
#elif NX == 1
#define XS_DONE X_DONE(0)
#else
#define XS_DONE true
#endif
#if defined(CHAIN)
#define CHAIN_DONE (t1 == 2 && t2 == 2)
#elif defined(CHAINX)
#define CHAIN_DONE (t1 == 2)
#else
#define CHAIN_DONE true
#endif
#ifdef READER
#define READER_DONE (l < 2 || l == 4)
#else
#define READER_DONE true
#endif
#define DONE (started == EMAX && ALL(AT_END) && XS_DONE && CHAIN_DONE && READER_DONE)

#if NX > 0
#define MEMBER_STEPS(x, s) \
    :: propose_prepare(x, s) \
    :: log_prepare(x, s) \
    :: commit(x, s) \
    :: undo(x, s)
#define X_STEPS(x) \
    MEMBER_STEPS(x, 0) \
    MEMBER_STEPS(x, 1) \
    :: decide(x) \
    :: abort(x)
#endif

init {
#if defined(CHAIN)
    if
    :: a = 0
    :: a = 1
    fi;
#elif defined(CHAINX)
    a = 2;
#endif
#if NX > 0
    if
    :: home[0] = 0
    :: home[0] = 1
    fi;
#ifndef CHAINX
    begun[0] = true;
#endif
#endif
#if NX == 2
    if
    :: home[1] = 0
    :: home[1] = 1
    fi;
    begun[1] = true;
#endif
    do
    :: DONE -> break
    :: start()
    :: confirm()
#ifdef CANCEL
    :: cancel()
#endif
#ifdef NO_START_ORDER
    :: confirm_older()
#endif
    :: tell_want(0)
    :: tell_want(1)
    :: tell_released(0)
    :: tell_released(1)
    :: propose_close(0, 1)
    :: propose_close(1, 1)
    :: log_close(0)
    :: log_close(1)
#if LC > 0
    :: leader_change(0)
    :: leader_change(1)
#endif
#if EMAX > 1
    :: propose_close(0, 2)
    :: propose_close(1, 2)
#endif
#if NS == 3
    :: tell_want(2)
    :: tell_released(2)
    :: propose_close(2, 1)
#if EMAX > 1
    :: propose_close(2, 2)
#endif
    :: log_close(2)
#if LC > 0
    :: leader_change(2)
#endif
#endif
#if NX > 0
    X_STEPS(0)
#if NS == 3
    MEMBER_STEPS(0, 2)
#endif
#ifdef ANSWER_PROPOSED
    :: propose_decide(0)
#endif
#ifdef PARTICIPANT_ABORTS
    :: undo_alone(0, 0)
    :: undo_alone(0, 1)
#endif
#ifdef FORGET_DECISION
    :: forget(0)
#endif
#ifdef READ1
    :: read1(0, 0)
    :: read1(0, 1)
#endif
#endif
#if NX > 1
    X_STEPS(1)
#if NS == 3
    MEMBER_STEPS(1, 2)
#endif
#endif
#if defined(CHAIN)
    :: t1_log()
    :: t1_ack()
    :: t2_after_ack()
    :: t2_after_read()
    :: t2_after_linearizable_read()
#if NX > 0
    :: t2_after_x_ack(0)
    :: t2_after_x_read(0, 0)
    :: t2_after_x_read(0, 1)
#endif
    :: t2_log()
#elif defined(CHAINX)
    :: t1_log()
    :: t1_ack()
    :: x_after_ack()
    :: x_after_read()
#endif
#ifdef READER
    :: begin()
    :: ask(1, 1, 1)
#if EMAX > 1
    :: ask(2, 1, 1)
#ifdef PIN_ANY
    :: ask(2, 2, 1)
#endif
#endif
#ifdef STALE_CONFIRM
    :: ask_deposed()
    :: confirm_deposed()
#endif
#ifdef USE_CANCELLED
    :: use_pins()
#endif
#endif
    od
}
