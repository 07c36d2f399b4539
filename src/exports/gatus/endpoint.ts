import { Json } from '../engine';

/** What of an endpoint depends on the kind of check. */
export type Endpoint = { readonly [key: string]: Json };

/** A secret's name between these becomes a reference to a variable in Gatus' environment. */
const SECRET = ['\ue000', '\ue001'];

/** What Gatus replaces by the value of a variable of its own environment. */
export function secretReference(name: string): string {
  return SECRET.join(name);
}

/** Gatus replaces `$NAME` wherever it stands, comments included, before it reads the YAML; `$$` is a dollar. */
export function withVariables(text: string): string {
  return text.replaceAll('$', '$$$$').replace(new RegExp(SECRET.join('(\\w+)'), 'g'), '$${$1}');
}
