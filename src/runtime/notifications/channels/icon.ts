import { NoticeEvent } from '../notification';

const ICONS: Record<NoticeEvent, string> = { firing: '🔥', reminder: '⏰', resolved: '✅', unwatched: '🚫', deployed: '✅', rolledBack: '↩️', halted: '🛑' };

/** At the head of what a person reads. */
export function iconOf(event: NoticeEvent): string {
  return ICONS[event];
}
