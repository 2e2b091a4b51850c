// The words and marks of SQL as H2 reads them. Literals and comments are scanned by ScanningLexer, so that their length
// costs nothing but a pass over their characters.
lexer grammar TunableSqlLexer;

options {
    caseInsensitive = true;
    superClass = ScanningLexer;
}

// Types that no rule below gives: Meanings gives them to words that mean something else because of their neighbours.
tokens {
    DELTA, // FINAL, OLD or NEW before TABLE (INSERT ...)
    ON_CONFLICT, // ON before DUPLICATE KEY and CONFLICT
    PLAIN, // a keyword that is part of an expression
    TABLE_FUNCTION, // TABLE before a parenthesis
    VALUES_COMMA, // a comma between the rows of VALUES in FROM
    WITH_ASKED, // WITH before CONSISTENCY; WITH itself begins a CTE
    WITH_DATA // WITH before [NO] DATA
}

ACK: 'ACK';
AFTER: 'AFTER';
AGGREGATE: 'AGGREGATE';
ALIAS: 'ALIAS';
ALL: 'ALL';
ALTER: 'ALTER';
ANALYZE: 'ANALYZE';
ANY: 'ANY';
AS: 'AS';
BACKUP: 'BACKUP';
BEFORE: 'BEFORE';
BEGIN: 'BEGIN';
CACHED: 'CACHED';
CALL: 'CALL';
CHECK: 'CHECK';
CHECKPOINT: 'CHECKPOINT';
COLUMN: 'COLUMN';
COMMENT: 'COMMENT';
COMMIT: 'COMMIT';
CONFLICT: 'CONFLICT';
CONSISTENCY: 'CONSISTENCY';
CONSTANT: 'CONSTANT';
CREATE: 'CREATE';
CROSS: 'CROSS';
CURRENT: 'CURRENT';
DATATYPE: 'DATATYPE';
DEALLOCATE: 'DEALLOCATE';
DECLARE: 'DECLARE';
DEFAULT: 'DEFAULT';
DELETE: 'DELETE';
DISMISS: 'DISMISS';
DISTINCT: 'DISTINCT';
DOMAIN: 'DOMAIN';
DOWNGRADE: 'DOWNGRADE';
DROP: 'DROP';
DUPLICATE: 'DUPLICATE';
ELSE: 'ELSE';
ENGINE: 'ENGINE';
ENTRIES: 'ENTRIES';
EXCEPT: 'EXCEPT';
EXEC: 'EXEC';
EXECUTE: 'EXECUTE';
EXISTS: 'EXISTS';
EXPLAIN: 'EXPLAIN';
FETCH: 'FETCH';
FINAL: 'FINAL';
FLOOR: 'FLOOR';
FOR: 'FOR';
FORCE: 'FORCE';
FROM: 'FROM';
FULL: 'FULL';
GLOBAL: 'GLOBAL';
GRANT: 'GRANT';
GROUP: 'GROUP';
HASH: 'HASH';
HAVING: 'HAVING';
HELP: 'HELP';
IF: 'IF';
IGNORE: 'IGNORE';
INDEX: 'INDEX';
INNER: 'INNER';
INSERT: 'INSERT';
INTERSECT: 'INTERSECT';
INTO: 'INTO';
JOIN: 'JOIN';
KEY: 'KEY';
LEFT: 'LEFT';
LIMIT: 'LIMIT';
LINKED: 'LINKED';
LOAD: 'LOAD';
LOCAL: 'LOCAL';
MATERIALIZED: 'MATERIALIZED';
MEMORY: 'MEMORY';
MERGE: 'MERGE';
MINUS: 'MINUS';
NATURAL: 'NATURAL';
NEW: 'NEW';
NOT: 'NOT';
NULLS: 'NULLS';
OFFSET: 'OFFSET';
OLD: 'OLD';
ON: 'ON';
OR: 'OR';
ORDER: 'ORDER';
OUTBOX: 'OUTBOX';
OUTER: 'OUTER';
PLAN: 'PLAN';
PREPARE: 'PREPARE';
PRIMARY: 'PRIMARY';
QUALIFY: 'QUALIFY';
READ: 'READ';
RECEIPT: 'RECEIPT';
RECURSIVE: 'RECURSIVE';
REFERENCE: 'REFERENCE';
REFRESH: 'REFRESH';
REJECTED: 'REJECTED';
RELEASE: 'RELEASE';
REPLACE: 'REPLACE';
REPLICAS: 'REPLICAS';
RETRY: 'RETRY';
REVOKE: 'REVOKE';
RIGHT: 'RIGHT';
ROLE: 'ROLE';
ROLLBACK: 'ROLLBACK';
ROW: 'ROW';
RULE: 'RULE';
RULES: 'RULES';
RUNSCRIPT: 'RUNSCRIPT';
SAVEPOINT: 'SAVEPOINT';
SCHEMA: 'SCHEMA';
SCRIPT: 'SCRIPT';
SELECT: 'SELECT';
SEQUENCE: 'SEQUENCE';
SET: 'SET';
SHARD: 'SHARD';
SHOW: 'SHOW';
SHUTDOWN: 'SHUTDOWN';
SORTED: 'SORTED';
SPATIAL: 'SPATIAL';
START: 'START';
SYNONYM: 'SYNONYM';
TABLE: 'TABLE';
TEMP: 'TEMP';
TEMPORARY: 'TEMPORARY';
TO: 'TO';
TOKEN: 'TOKEN';
TRANSACTION: 'TRANSACTION';
TRIGGER: 'TRIGGER';
TRUNCATE: 'TRUNCATE';
TYPE: 'TYPE';
UNION: 'UNION';
UNIQUE: 'UNIQUE';
UPDATE: 'UPDATE';
USE: 'USE';
USER: 'USER';
USING: 'USING';
VALUES: 'VALUES';
VIEW: 'VIEW';
WHEN: 'WHEN';
WHERE: 'WHERE';
WINDOW: 'WINDOW';
WITH: 'WITH';
WITHIN: 'WITHIN';
WORK: 'WORK';
WRITE: 'WRITE';

DOT: '.';
COMMA: ',';
SEMI: ';';
LPAREN: '(';
RPAREN: ')';
LBRACKET: '[' | '??(';
RBRACKET: ']' | '??)';
LBRACE: '{';
RBRACE: '}';
EQ: '=';
STAR: '*';
AT: '@';
GREATER: '>';
OPERATOR: ':=' | '::' | '<=' | '>=' | '<>' | '!=' | '||' | '&&' | '->' | [-+/%<>!~|&^:];

PARAMETER: '?' [0-9]* | '$' [0-9]+;
NUMBER: ([0-9] [0-9_]* ('.' [0-9_]*)? | '.' [0-9] [0-9_]*) ('E' [-+]? [0-9] [0-9_]*)? 'L'? | '0' [XBO] [0-9A-F_]+ 'L'?;
STRING: ('N' | 'X' | 'U&')? '\'' { scanQuoted('\''); } | '$$' { scanDollars(); };
QUOTED: 'U&'? '"' { scanQuoted('"'); };
BACKTICKED: '`' { scanQuoted('`'); };
WORD: [A-Z_] [A-Z_0-9$]*;

// What TextStream shows for a character beyond ASCII; scanWide makes it a WORD, or white space, or leaves it to H2.
WIDE: '\u007F' { scanWide(); };

HINT: '/*+' { scanComment(); } -> channel(HIDDEN);
COMMENT_: '/*' { scanComment(); } -> skip;
LINE_COMMENT: ('--' | '//') { scanLine(); } -> skip;
SPACE: [\u0000-\u0020]+ -> skip;
OTHER: .;
