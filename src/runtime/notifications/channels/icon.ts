import { NotificationEvent } from '../notification';

const ICONS: Record<NotificationEvent, string> = { firing: '🔥', reminder: '⏰', resolved: '✅', unwatched: '🚫', deployed: '✅', rolledBack: '↩️', halted: '🛑' };

/** At the head of what a person reads. */
export function iconOf(event: NotificationEvent): string {
  return ICONS[event];
}
