// What a decision needs to know of a statement, and nothing more. Everything between two words of structure is a run:
// any tokens, brackets balanced, handed to H2 as they are. Queries are found at any depth because SELECT, TABLE and
// WITH can't be names in H2.
//
// Every loop and choice is decided by one token, seldom two or three: words that mean two things are told apart by
// Meanings before parsing. Keep it so, or prediction reads ahead and hostile text takes quadratic time.
parser grammar TunableSqlParser;

options { tokenVocab = TunableSqlLexer; }

script: statement? (SEMI statement?)* EOF;

standaloneLadder: ladder EOF;

hint: CONSISTENCY LPAREN ladder RPAREN EOF;

statement
    : h2Statement consistencyClause?                                        # passedOn
    | EXPLAIN CONSISTENCY h2Statement consistencyClause?                    # explainConsistency
    | SET CONSISTENCY consistencySetting                                    # setConsistency
    | SET TRANSACTION CONSISTENCY rung                                      # setTransactionConsistency
    | SET TRANSACTION ~(CONSISTENCY | SEMI | LPAREN | RPAREN) ddl           # setOther
    | SET ~(CONSISTENCY | TRANSACTION | SEMI | LPAREN | RPAREN) ddl         # setOther
    | USE ddl                                                               # setOther
    | SHOW CONSISTENCY what=(LOAD | OUTBOX | RECEIPT | RULES | TOKEN)?      # showConsistency
    | verb=(DISMISS | RETRY) REJECTED WRITE (NUMBER | ALL)                  # rejectedWrite
    | CHECK REPLICAS qualifiedName?                                         # checkReplicas
    | BEGIN (WORK | TRANSACTION)?                                           # begin
    | START TRANSACTION                                                     # begin
    | COMMIT WORK?                                                          # commit
    | COMMIT TRANSACTION name?                                              # commit
    | ROLLBACK (WORK | TRANSACTION name?)? (TO SAVEPOINT? savepoint=name)?  # rollback
    | SAVEPOINT name                                                        # savepoint
    | RELEASE SAVEPOINT? name                                               # release
    | (BACKUP | CHECKPOINT | DEALLOCATE | EXEC | EXECUTE | GRANT | PREPARE | REVOKE | RUNSCRIPT | SCRIPT | SHUTDOWN)
        anything consistencyClause?                                         # refused
    ;

consistencySetting
    : (FOR scope=(READ | WRITE))? EQ ladder  # ladderSetting
    | DEFAULT                                # defaultSetting
    | TOKEN STRING                           # tokenSetting
    ;

h2Statement
    : query                                                      # queryStatement
    | dml                                                        # dmlStatement
    | EXPLAIN (ANALYZE | PLAN FOR?)? (query | dml)               # explain
    | (PARAMETER EQ)? CALL ddl                                   # call
    | LBRACE inner RBRACE                                        # call
    | SHOW showWhat=~(CONSISTENCY | SEMI | LPAREN | RPAREN) ddl  # show
    | HELP anything                                              # help
    | (CREATE | DECLARE) createWord* createObject                # create
    | ALTER TABLE ifExists? qualifiedName alterAction            # alterTable
    | ALTER alterObject                                          # alter
    | DROP dropObject                                            # drop
    | TRUNCATE TABLE qualifiedName afterName                     # truncate
    | COMMENT ON commentObject                                   # comment
    | ANALYZE (TABLE qualifiedName)? (name NUMBER)?              # analyze
    | REFRESH MATERIALIZED VIEW qualifiedName afterName          # refresh
    ;

// --- what is asked ---------------------------------------------------------------------------------------------------

consistencyClause: WITH_ASKED CONSISTENCY ladder;

ladder: rung (ELSE rung)*;

rung: bareRung rungOption*;

bareRung: level=name bound?;

bound: LPAREN duration (COMMA NUMBER ENTRIES)? RPAREN;

rungOption
    : WITHIN duration  # within
    | AFTER STRING     # after
    | ACK ALL          # ackAll
    ;

duration: NUMBER unit=name;

tableLadders: LPAREN tableLadder (COMMA tableLadder)? RPAREN;

tableLadder: scope=(READ | WRITE) ladder;

consistencyRule
    : ruleName=name (BEFORE before=name)? ON (STAR | qualifiedName)
        FOR operation=(ANY | DELETE | INSERT | MERGE | READ | SELECT | UPDATE | WRITE)
        (TO USER TYPE STRING)? USING ladder floor? downgrade?
    ;

floor: FLOOR bareRung;

downgrade: DOWNGRADE TO bareRung (COMMA bareRung)* WHEN LOAD GREATER NUMBER;

// --- queries ---------------------------------------------------------------------------------------------------------

query: ctes? body;

// A query that its first word shows to be one; a parenthesis may open an expression or a join as well.
keywordQuery: ctes body | keywordPrimary tail*;

ctes: WITH RECURSIVE? cte (COMMA cte)*;

cte: name columns=group? AS LPAREN groupBody RPAREN;

body: (keywordPrimary | LPAREN groupBody RPAREN | VALUES list) tail*;

keywordPrimary
    : SELECT list? (FROM fromList)? (WHERE where=list?)?  # select
    | TABLE qualifiedName                                 # explicitTable
    ;

tail
    : clause        # clauseTail
    | setOperation  # setTail
    | bareQuery     # bareTail
    ;

clause: (GROUP | HAVING | WINDOW | QUALIFY | ORDER | OFFSET | FETCH | LIMIT | FOR) list?;

// H2 takes a query for an operand without parentheses; it ends where the query around it does.
bareQuery: ctes? keywordPrimary;

setOperation
    : (UNION | EXCEPT | MINUS | INTERSECT) (ALL | DISTINCT)? (keywordPrimary | LPAREN groupBody RPAREN | VALUES list)
    ;

fromList: tableReference (COMMA tableReference)*;

tableReference: tablePrimary joinPart*;

joinPart
    : NATURAL? (INNER | (LEFT | RIGHT | FULL) OUTER? | CROSS)? JOIN tablePrimary  # join
    | ON run                                                                      # joinOn
    | USING group                                                                 # joinUsing
    ;

tablePrimary
    : LPAREN (keywordQuery | fromList tail*) RPAREN suffix  # nestedTable
    | LBRACE name tableReference RBRACE suffix              # escapedJoin
    | VALUES run                                            # valuesTable
    | TABLE_FUNCTION group suffix                           # tableFunction
    | DELTA TABLE_FUNCTION LPAREN dml RPAREN suffix         # deltaTable
    | qualifiedName suffix                                  # namedTable
    ;

// Alias, column names, index hints; the arguments if the name is that of a table function.
suffix: (name | AS | PLAIN | group)*;

// --- changes ---------------------------------------------------------------------------------------------------------

dml
    : INSERT IGNORE? INTO qualifiedName target source? (ON_CONFLICT list)?             # insert
    | REPLACE INTO qualifiedName target source?                                        # replace
    | UPDATE qualifiedName suffix SET list (FROM fromList)? (WHERE where=list)? tail*  # update
    | DELETE FROM? qualifiedName suffix (WHERE where=list)? tail*                      # delete
    | MERGE INTO qualifiedName target (USING tableReference mergePart* | source)?      # merge
    ;

// Columns, KEY (columns), OVERRIDING ... VALUE, or a query in parentheses.
target: (name | AS | DEFAULT | group)*;

source
    : VALUES list? bareQuery?        # valuesSource
    | SET list bareQuery?            # setSource
    | keywordQuery                   # querySource
    | (setOperation | clause) tail*  # queryRest
    ;

mergePart: (COMMA | WHERE) run;

// --- definitions -----------------------------------------------------------------------------------------------------

createWord
    : OR | REPLACE | FORCE | MATERIALIZED | LINKED | MEMORY | CACHED | LOCAL | GLOBAL | TEMPORARY | TEMP | UNIQUE | NULLS
    | NOT | DISTINCT | ALL | HASH | SPATIAL | PRIMARY | KEY
    ;

createObject
    : TABLE ifNotExists? qualifiedName definition tableConsistency?
        (AS SORTED? query (WITH_DATA name+)? tableConsistency?)?        # createTable
    | VIEW ifNotExists? qualifiedName definition AS query               # createView
    | INDEX ~(ON | SEMI | LPAREN | RPAREN)* ON qualifiedName afterName  # createIndex
    | SYNONYM ifNotExists? qualifiedName FOR qualifiedName afterName    # createSynonym
    | (CONSTANT | DATATYPE | DOMAIN | SCHEMA | SEQUENCE | TYPE) ddl     # createOther
    | what=(AGGREGATE | ALIAS | ROLE | TRIGGER | USER) anything         # createRefused
    | CONSISTENCY RULE consistencyRule                                  # createRule
    ;

definition
    : ( (tableOption | ~(ENGINE | REFERENCE | SHARD | AS | WITH | WITH_ASKED | WITH_DATA | DOT |
            SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE) | group)
        (tableOption | ~(ENGINE | REFERENCE | SHARD | AS | WITH | WITH_ASKED | WITH_DATA |
                SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE) | group)*
      )?
    ;

tableOption: ENGINE | REFERENCE | SHARD;

tableConsistency: WITH_ASKED CONSISTENCY tableLadders;

alterAction
    : SET CONSISTENCY tableLadders                     # alterConsistency
    | SET ~(CONSISTENCY | SEMI | LPAREN | RPAREN) ddl  # alterOtherwise
    | ~(SET | WITH | WITH_ASKED | DOT |
            SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE) ddl  # alterOtherwise
    ;

alterObject
    : MATERIALIZED? VIEW ifExists? qualifiedName afterName  # alterView
    | (DOMAIN | INDEX | SCHEMA | SEQUENCE | TYPE) ddl       # alterOther
    | what=(ROLE | USER) anything                           # alterRefused
    ;

dropObject
    : (TABLE | MATERIALIZED? VIEW | SYNONYM) ifExists? qualifiedName (COMMA qualifiedName)* afterName  # dropTable
    | (CONSTANT | DATATYPE | DOMAIN | INDEX | SCHEMA | SEQUENCE | TYPE) ddl                            # dropOther
    | what=(AGGREGATE | ALIAS | ALL | ROLE | TRIGGER | USER) anything                                  # dropRefused
    | CONSISTENCY RULE ifExists? name                                                                  # dropRule
    ;

commentObject
    : (TABLE | VIEW) qualifiedName afterName                 # commentTable
    | COLUMN qualifiedName afterName                         # commentColumn
    | ~(TABLE | VIEW | COLUMN | SEMI | LPAREN | RPAREN) ddl  # commentOther
    ;

ifExists: IF EXISTS;

ifNotExists: IF NOT EXISTS;

qualifiedName: name (DOT+ name)*;

name: WORD | QUOTED | BACKTICKED | nonReserved;

// --- runs ------------------------------------------------------------------------------------------------------------

group
    : LPAREN groupBody RPAREN
    | LBRACKET inner RBRACKET
    | LBRACE inner RBRACE
    ;

groupBody: keywordQuery | inner;

inner
    : ( ~(SELECT | TABLE | WITH | WITH_ASKED | UNION | EXCEPT | MINUS | INTERSECT |
        SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE)
      | group
      )+ ((setOperation | bareQuery) tail*)?
    |
    ;

// Inside one expression: also the end of a table reference.
run
    : ( ~(SELECT | FROM | WHERE | GROUP | HAVING | WINDOW | QUALIFY | ORDER | OFFSET | FETCH | LIMIT | FOR |
        UNION | EXCEPT | MINUS | INTERSECT | WITH | WITH_ASKED | WITH_DATA | TABLE | JOIN | LEFT | RIGHT |
        FULL | INNER | CROSS | NATURAL | ON | ON_CONFLICT | USING | COMMA |
                SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE)
      | group
      )+
    ;

// Expressions with commas between them.
list
    : ( ~(SELECT | FROM | WHERE | GROUP | HAVING | WINDOW | QUALIFY | ORDER | OFFSET | FETCH | LIMIT | FOR |
        UNION | EXCEPT | MINUS | INTERSECT | WITH | WITH_ASKED | WITH_DATA | TABLE | JOIN | LEFT | RIGHT |
        FULL | INNER | CROSS | NATURAL | ON | ON_CONFLICT | USING |
                SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE)
      | group
      )+
    ;

// The rest of a definition up to the consistency clause.
ddl: (~(SELECT | TABLE | WITH | WITH_ASKED |
        SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE) | group)* (bareQuery tail*)?;

// The same after a name, which a dot or a comma would go on with.
afterName: ((~(WITH | WITH_ASKED | DOT | COMMA |
        SEMI | LPAREN | RPAREN | LBRACKET | RBRACKET | LBRACE | RBRACE) | group) ddl)?;

// What is refused whatever it says.
anything: ~(SEMI | WITH_ASKED)*;

// Words that may be names; in alphabetical order.
nonReserved
    : ACK | AFTER | AGGREGATE | ALIAS | ALTER | ANALYZE | ANY | BACKUP | BEFORE | BEGIN | CACHED | CALL |
    CHECK | CHECKPOINT | COLUMN | COMMENT | COMMIT | CONFLICT | CONSISTENCY | CONSTANT | CREATE | CURRENT |
    DATATYPE | DEALLOCATE | DECLARE | DELETE | DISMISS | DOMAIN | DOWNGRADE | DROP | DUPLICATE | ENGINE |
    ENTRIES | EXEC | EXECUTE | EXPLAIN | FINAL | FLOOR | FORCE | GLOBAL | GRANT | HASH | HELP | IGNORE |
    INDEX | INSERT | INTO | KEY | LINKED | LOAD | LOCAL | MATERIALIZED | MEMORY | MERGE | NEW | NULLS | OLD
    | OUTBOX | OUTER | PLAN | PREPARE | PRIMARY | READ | RECEIPT | RECURSIVE | REFERENCE | REFRESH |
    REJECTED | RELEASE | REPLACE | REPLICAS | RETRY | REVOKE | ROLE | ROLLBACK | ROW | RULE | RULES |
    RUNSCRIPT | SAVEPOINT | SCHEMA | SCRIPT | SEQUENCE | SHARD | SHOW | SHUTDOWN | SORTED | SPATIAL | START
    | SYNONYM | TEMP | TEMPORARY | TOKEN | TRANSACTION | TRIGGER | TRUNCATE | TYPE | UNIQUE | UPDATE | USE |
    USER | VIEW | WHEN | WITHIN | WORK | WRITE
    ;
