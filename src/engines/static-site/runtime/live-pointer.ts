import { PointerState } from './static-site-steps';

/** What decides which release users get. Every method rejects with `EngineError` and `InterruptedError`. */
export interface LivePointer {
  /** What people call it. */
  readonly name: string;
  read(): Promise<PointerReading>;
}

/** The pointer as it was at one moment. */
export interface PointerReading extends PointerState {
  /** Moves it if it is still as it was then. The change may take time to be in effect. */
  move(path: string): Promise<void>;
  /**
   * Makes caches forget what was there before. Repeating it for the same state changes nothing more.
   *
   * @returns whether they have forgotten it; call it again if not
   */
  refresh(): Promise<boolean>;
}
