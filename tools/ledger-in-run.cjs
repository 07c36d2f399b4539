// Preloaded into the runtime's process (--require) by tests of a GitHub run whose records are in the file that LEDGER_IN_RUN names. The runtime
// takes them from the program that loads it, and from no variable.
'use strict';
const { LEDGER_IN_RUN } = process.env;
delete process.env.LEDGER_IN_RUN;
if (LEDGER_IN_RUN) globalThis[Symbol.for('projen-delivery.ledger')] = LEDGER_IN_RUN;
