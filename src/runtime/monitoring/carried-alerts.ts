/**
 * The state that a record of alerts carries over from the one before it, so that no run reads both. Pure, encoded as JSON and packed.
 */
import { TRANSITIONS } from './alert-entry';
import { Alert, AlertState, QUIET, RollbackClaim, PendingNotification } from './alert-lifecycle';
import { isListOf, isNumber, isObject, isOptionalText, isText } from '../json-value';
import { onDemand } from '../lazily';
import { truncate } from '../reporting/untrusted-text';

/** GitHub keeps a payload of 16 KB (docs/conformance.md); a part is needed for the rest. */
const BYTES_LIMIT = 15_000;
/** Valid data is never longer when it is unpacked. */
const UNPACKED_LIMIT = 1_000_000;
/** Notes are for people: if there are very many, long ones are cut first. */
const NOTE_LIMITS: readonly number[] = [140, 60, 20, 0];
/** Only the newest deployment is rolled back, three times at most: this is far more than needed. */
const CLAIMS_KEPT = 12;

/** Drops entries that are no longer needed. `isUnsent` returns whether a channel still has to receive a notification. */
export function carriedFrom(
  { alerts, notifiedChannels, rollbacks, pendingNotifications }: AlertState, isUnsent: (pending: PendingNotification) => boolean,
): AlertState {
  const unsent = pendingNotifications.filter(isUnsent);
  const checks = new Set([...unsent.map(({ check }) => check), ...[...alerts].filter(([, { phase }]) => phase !== 'quiet').map(([check]) => check)]);
  const state = {
    // the last entry of a quiet alert is kept: a run that saw an older one must not change it
    alerts: new Map([...alerts].map(([check, alert]) => [check, alert.phase === 'quiet' ? { ...QUIET, last: alert.last } : alert] as const)),
    pendingNotifications: unsent,
    notifiedChannels: new Map([...notifiedChannels].filter(([check]) => checks.has(check))),
    rollbacks: rollbacks.slice(-CLAIMS_KEPT),
  };
  return NOTE_LIMITS.map((limit) => withNotes(state, limit)).find(isCarriable) ?? withNotes(state, 0);
}

/** Whether another record can hold it. */
export function isCarriable(state: AlertState): boolean {
  return packCarried(state).length <= BYTES_LIMIT;
}

function withNotes(state: AlertState, limit: number): AlertState {
  const cut = <T extends { readonly note: string }>(one: T): T => ({ ...one, note: truncate(one.note, limit, '') });
  const alerts = new Map([...state.alerts].map(([check, alert]) => [check, cut(alert)]));
  return { ...state, alerts, pendingNotifications: state.pendingNotifications.map(cut) };
}

/** Compressed text, because the place is small: alerts are similar to each other. */
export function packCarried(state: AlertState): string {
  return onDemand.zlib().deflateRawSync(JSON.stringify(encodeCarried(state))).toString('base64');
}

/** Strict: undefined where it is not what `packCarried` returns. */
export function unpackCarried(packed: unknown): AlertState | undefined {
  if (!isText(packed)) return undefined;
  try {
    return decodeCarried(JSON.parse(onDemand.zlib().inflateRawSync(Buffer.from(packed, 'base64'), { maxOutputLength: UNPACKED_LIMIT }).toString('utf8')));
  } catch {
    return undefined;
  }
}

/** The JSON form. */
export function encodeCarried({ alerts, notifiedChannels, rollbacks, pendingNotifications }: AlertState): Record<string, unknown> {
  return {
    alerts: Object.fromEntries([...alerts].map(([check, alert]) => [check, withoutDefaults(alert)])),
    pendingNotifications: pendingNotifications.map(({ sentTo, ...one }) => ({ ...one, sentTo: [...sentTo] })),
    notifiedChannels: Object.fromEntries([...notifiedChannels].map(([check, channels]) => [check, [...channels]])),
    rollbacks,
  };
}

/** To save bytes, values of a quiet alert are left out. */
function withoutDefaults(alert: Alert): Partial<Alert> {
  return Object.fromEntries(Object.entries(alert).filter(([name, value]) => value !== QUIET[name as keyof Alert]));
}

/** Strict: undefined where it is not what `encodeCarried` returns. */
export function decodeCarried(value: unknown): AlertState | undefined {
  if (!isObject(value) || !isObject(value.alerts) || !isObject(value.notifiedChannels)) return undefined;
  const { rollbacks, pendingNotifications } = value;
  const alerts = Object.entries(value.alerts).map(([check, alert]) => [check, isObject(alert) ? { ...QUIET, ...alert } : undefined] as const);
  const notifiedChannels = Object.entries(value.notifiedChannels);
  if (!alerts.every(isNamedAlert) || !notifiedChannels.every(isSentTo)) return undefined;
  if (!isListOf(pendingNotifications, isEncodedPending) || !isListOf(rollbacks, isClaim)) return undefined;
  return {
    alerts: new Map(alerts),
    pendingNotifications: pendingNotifications.map((one) => ({ ...one, sentTo: new Set(one.sentTo) })),
    notifiedChannels: new Map(notifiedChannels.map(([check, channels]) => [check, new Set(channels)])),
    rollbacks,
  };
}

type EncodedPending = Omit<PendingNotification, 'sentTo'> & { readonly sentTo: readonly string[] };

function isNamedAlert(entry: readonly [string, unknown]): entry is readonly [string, Alert] {
  const [, alert] = entry;
  return isObject(alert) && ['quiet', 'pending', 'firing'].includes(String(alert.phase)) && isNumber(alert.bad) && isNumber(alert.healthy)
    && isText(alert.last) && isText(alert.note) && [alert.since, alert.sentAt].every(isOptionalText)
    && (alert.fired === undefined || (isObject(alert.fired) && isText(alert.fired.id) && isText(alert.fired.at)));
}

function isSentTo(entry: [string, unknown]): entry is [string, string[]] {
  return isListOf(entry[1], isText);
}

function isEncodedPending(value: unknown): value is EncodedPending {
  return isObject(value) && (TRANSITIONS as readonly unknown[]).includes(value.event) && isNumber(value.tries) && isListOf(value.sentTo, isText)
    && [value.id, value.check, value.note, value.at, value.since, value.sender, value.triedAt].every(isText)
    && [value.isDone, value.isOutdated, value.mayHaveArrived ?? false].every((one) => typeof one === 'boolean');
}

function isClaim(value: unknown): value is RollbackClaim {
  return isObject(value) && [value.target, value.processId, value.at].every(isText);
}
