import { Ledger } from './ledger';

/**
 * A ledger into which no secret gets: what a service or a command said becomes a note, a person gives a reason, and GitHub shows
 * deployments to everyone who sees the repository. It masks nothing there.
 */
export function maskedLedger(ledger: Ledger, mask: (text: string) => string): Ledger {
  return Object.assign(Object.create(ledger) as Ledger, {
    create: (record) => ledger.create({ ...record, ...(record.reason !== undefined && { reason: mask(record.reason) }) }),
    advance: (record, entry) => ledger.advance(record, { ...entry, note: mask(entry.note) }),
  } satisfies Pick<Ledger, 'create' | 'advance'>);
}
