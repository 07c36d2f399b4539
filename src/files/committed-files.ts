import { existsSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { FileBase, IResolver, Project } from 'projen';
import { isProjens } from './generated-file';
import { gitattributes } from './gitattributes';
import { Gitignore } from './gitignore';
import { invalid, show } from '../validation/validation-error';

/**
 * Checks that files which GitHub or the jobs read get into the repository, byte for byte: each one is still the project's, no other file
 * has its name in another letter case, git does not ignore it, and checks it out as it was written.
 */
export function checkCommitted(root: Project, files: readonly FileBase[]): void {
  const tree = filesOf(root);
  const gitignore = new Gitignore((folder) => textOf(root, tree, posix.join(folder, '.gitignore')));
  for (const file of files) {
    const path = pathOf(root, file.absolutePath);
    checkPresent(path, file, tree);
    const rule = gitignore.ignoring(path);
    if (rule) refuseIgnored(path, rule.line, posix.join(rule.folder, '.gitignore'));
    checkAttributes(path, gitattributes(path, (folder) => textOf(root, tree, posix.join(folder, '.gitattributes'))));
  }
}

/** By path in lower case, relative to the root: files on many disks are one then. */
type Tree = ReadonlyMap<string, readonly FileBase[]>;

function filesOf(root: Project): Tree {
  const tree = new Map<string, FileBase[]>();
  for (const one of root.node.findAll()) {
    if (!(one instanceof FileBase)) continue;
    const path = pathOf(root, one.absolutePath).toLowerCase();
    tree.set(path, [...tree.get(path) ?? [], one]);
  }
  return tree;
}

function pathOf({ outdir }: Project, absolutePath: string): string {
  return relative(outdir, absolutePath).split(sep).join('/');
}

function checkPresent(path: string, file: FileBase, tree: Tree): void {
  const present = tree.get(path.toLowerCase()) ?? [];
  if (!present.includes(file)) {
    invalid('Delivery', `${path} was removed from the project, and no deployment works without it`, 'Leave it: take out tryRemoveFile, or leave the delivery out');
  }
  const other = present.find((one) => one !== file);
  if (other) invalid('Delivery', `the project has a file ${other.path} as well, which is ${path} where a disk ignores letter case`, 'Give that one another name');
}

function refuseIgnored(path: string, line: string, gitignore: string): never {
  const include = gitignore === '.gitignore' && !line.endsWith('/') ? `; to commit this file all the same, say project.gitignore.include('/${path}') after it` : '';
  invalid('Delivery', `${gitignore} ignores ${path} (${show(line)}), so it would not be committed, and no deployment works without it`,
    `Take that pattern out, or name what it is for more exactly${include}`);
}

/** Where a file that git hands to a filter is a pointer without it, and one in another encoding is not what was written. */
function checkAttributes(path: string, attributes: ReadonlyMap<string, string>): void {
  for (const name of ['filter', 'working-tree-encoding']) {
    const value = attributes.get(name);
    if (value === undefined || value === 'unset') continue;
    invalid('Delivery', `.gitattributes says ${value === 'set' ? name : `${name}=${value}`} for ${path}, which GitHub and the jobs read as it is committed`,
      'Name what the pattern is for more exactly');
  }
}

/** What projen has not made may be there all the same. */
function textOf(root: Project, tree: Tree, path: string): string | undefined {
  const file = tree.get(path.toLowerCase())?.find((one) => pathOf(root, one.absolutePath) === path);
  if (file) return (file as unknown as Synthesizable).synthesizeContent(AS_IT_IS);
  const absolutePath = join(root.outdir, path);
  const text = existsSync(absolutePath) ? readFileSync(absolutePath, 'utf8') : undefined;
  // projen deletes what it wrote and no longer does
  return text === undefined || isProjens(text) ? undefined : text;
}

/** What projen keeps to itself. */
interface Synthesizable {
  synthesizeContent(resolver: IResolver): string | undefined;
}

const AS_IT_IS: IResolver = { resolve: (value: unknown) => value };
