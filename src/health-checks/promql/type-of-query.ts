import { PromqlFault, PromqlUnknown } from './fault';
import { PromqlType } from './functions';
import { PromqlParser } from './parser';

/** What a query answers with. */
export type TypeOfQuery =
  | { readonly type: PromqlType }
  /** Only Prometheus can tell. */
  | { readonly type: 'unknown'; readonly why: string }
  /** Prometheus refuses it. */
  | { readonly type: 'invalid'; readonly why: string; readonly fix: string };

/** Tells what a query answers with, as Prometheus 2.42 and later do before they run it. */
export function typeOfQuery(query: string): TypeOfQuery {
  try {
    return { type: new PromqlParser(query).type() };
  } catch (error) {
    if (error instanceof PromqlFault) return { type: 'invalid', why: error.why, fix: error.fix };
    if (error instanceof PromqlUnknown) return { type: 'unknown', why: error.why };
    throw error;
  }
}
