import { Json } from '../engine';

/** What of an endpoint depends on the kind of check. */
export type Endpoint = { readonly [key: string]: Json };

/** A secret's name between these becomes a reference to a variable in Gatus' environment. */
const SECRET = ['\ue000', '\ue001'];

/** What Gatus replaces by the value of a variable of its own environment. */
export function secretReference(name: string): string {
  return SECRET.join(name);
}

/** As projen writes it: a value of a map, alone in its line. */
const SECRET_LINE = new RegExp(`^( *)(.*): "${SECRET.join('(\\w+)')}"$`, 'gm');

/**
 * Gatus replaces `$NAME` wherever it stands, comments included, before it reads the YAML; `$$` is a dollar. So a secret stands in a block of its
 * own, in which nothing but the end of a line means anything to YAML, and those at its end are dropped. Of several files Gatus makes one
 * before that, and writes as a block only what has two lines: the second one is a variable that no environment has.
 *
 * @see https://github.com/TwiN/gatus/blob/v5.36.0/config/config.go
 */
export function withVariables(text: string): string {
  return text.replaceAll('$', '$$$$').replace(SECRET_LINE, '$1$2: |-\n$1  $${$3}\n$1  $$*');
}
