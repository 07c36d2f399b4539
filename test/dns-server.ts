import { createSocket, RemoteInfo, Socket } from 'node:dgram';
import { once } from 'node:events';

const TYPES = { A: 1, NS: 2, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;
const CODES = { formerr: 1, servfail: 2, nxdomain: 3, refused: 5 } as const;

/** The response to a query: records, an error, or nothing at all. */
export type DnsResponse = { readonly type: keyof typeof TYPES; readonly records: Buffer[] } | keyof typeof CODES | 'silence';

/** A real, very small DNS server on loopback. It gives every query the same response. @see https://www.rfc-editor.org/rfc/rfc1035#section-4 */
export class DnsServer {
  public static async start(response: DnsResponse): Promise<DnsServer> {
    const server = new DnsServer();
    server.behave(response);
    server.socket.bind(0, '127.0.0.1');
    await once(server.socket, 'listening');
    return server;
  }

  /** The names of the queries. */
  public readonly queries: string[] = [];
  private readonly socket: Socket = createSocket('udp4');

  private response: DnsResponse = 'silence';

  private constructor() {
    this.socket.on('message', (message, from) => this.respond(message, from, this.response));
  }

  /** From now on. */
  public behave(response: DnsResponse): void {
    this.response = response;
  }

  /** `address:port`. */
  public get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  public async stop(): Promise<void> {
    this.socket.close();
    await once(this.socket, 'close');
  }

  private respond(query: Buffer, { address, port }: RemoteInfo, response: DnsResponse): void {
    const end = endOfName(query, 12) + 4;
    this.queries.push(nameAt(query, 12));
    if (response === 'silence') return;
    const records = typeof response === 'string' ? [] : response.records.map((data) => record(TYPES[response.type], data));
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // a response, recursion desired and available
    header.writeUInt16BE(0x8180 + (typeof response === 'string' ? CODES[response] : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    this.socket.send(Buffer.concat([header, query.subarray(12, end), ...records]), port, address);
  }
}

export const ipv4 = (address: string) => Buffer.from(address.split('.').map(Number));
export const ipv6 = (hex: string) => Buffer.from(hex, 'hex');
export const name = (text: string) => Buffer.concat([...text.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)), Buffer.from([0])]);
export const mail = (priority: number, host: string) => Buffer.concat([Buffer.from([0, priority]), name(host)]);
/** In pieces of at most 255 bytes, as they are sent. */
export const txt = (...pieces: string[]) => Buffer.concat(pieces.map((piece) => Buffer.from(`${String.fromCharCode(piece.length)}${piece}`)));

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // the name is that of the query
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function nameAt(message: Buffer, begin: number): string {
  const labels: string[] = [];
  for (let at = begin; message[at] !== 0; at += message[at] + 1) labels.push(message.toString('latin1', at + 1, at + 1 + message[at]));
  return labels.join('.');
}

function endOfName(message: Buffer, begin: number): number {
  let at = begin;
  while (message[at] !== 0) at += message[at] + 1;
  return at + 1;
}
