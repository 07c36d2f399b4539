import * as ts from 'typescript';

const KEPT = /^(?:\/\/ (?:src|node_modules)\/|\/\*!|\/\*[^]*@(?:license|preserve))/;

/**
 * Takes the comments with lines of their own out of a bundle: esbuild keeps those above the members of classes, and the sources have them. Licences
 * stay, and the lines that name the file of each part.
 */
export function withoutComments(text: string): string {
  const ends = new Map<number, number>();
  const visit = (node: ts.Node) => {
    for (const { end, pos } of ts.getLeadingCommentRanges(text, node.pos) ?? []) ends.set(pos, end);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('bundle.cjs', text, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS));
  let from = 0;
  let stripped = '';
  for (const [pos, end] of [...ends].sort(([a], [b]) => a - b)) {
    const line = text.lastIndexOf('\n', pos - 1) + 1;
    const isAlone = text.slice(line, pos).trim() === '' && text[end] === '\n';
    if (!isAlone || KEPT.test(text.slice(pos, end))) continue;
    stripped += text.slice(from, line);
    from = end + 1;
  }
  return stripped + text.slice(from);
}
