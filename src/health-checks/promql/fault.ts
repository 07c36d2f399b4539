/** Prometheus refuses the query, and with it every rule of the file that holds it. */
export class PromqlFault extends Error {
  constructor(public readonly why: string, public readonly fix: string) {
    super(why);
  }
}

/** Prometheus may know more than this parser does. */
export class PromqlUnknown extends Error {
  constructor(public readonly why: string) {
    super(why);
  }
}
