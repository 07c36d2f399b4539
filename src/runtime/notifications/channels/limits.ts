/**
 * Limits in UTF-16 units, after escaping. A channel rejects a longer message as a whole, so it is cut before.
 * "Ours": the provider publishes no limit, or one for the whole message; our number keeps the whole below that.
 */
export interface ChannelLimits {
  /** Of the title. */
  readonly title: number;
  /** Of the text, in all its lines. */
  readonly text: number;
  /** Of a URL: a longer one is shortened to its path or its origin. */
  readonly url: number;
  /** Of a single fact. */
  readonly fact?: number;
  /** Of all facts together. */
  readonly facts?: number;
  /** Of the fallback text. */
  readonly fallback?: number;
  /** Of a link, with its text. */
  readonly link?: number;
  /** Of the key by which a receiver groups notifications. */
  readonly key?: number;
  /** How many lines get a block of their own. */
  readonly lines?: number;
}
