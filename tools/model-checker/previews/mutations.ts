import { Mutation } from '../../../test/mutated-runtime';

/** Faults that the model must find. */
export const PREVIEW_MUTATIONS: readonly Mutation[] = [
  {
    name: 'a removal does not look for a deployment beside it',
    file: 'commands/remove-preview.ts',
    find: '    await requireAlone(context);\n',
    replace: '',
  },
  {
    name: 'a removal does not recover what a cancelled deployment left',
    file: 'commands/remove-preview.ts',
    find: '    await recoverUnfinished(context);\n',
    replace: '',
  },
  {
    name: 'a removal announces nothing',
    file: 'commands/remove-preview.ts',
    find: "    await mark(context, records[0]!, 'removal', why);\n",
    replace: '',
  },
  {
    name: 'a removal records its end before its command',
    file: 'commands/remove-preview.ts',
    find: '    const failure = await remove(context, previews.remove, records[0]!);\n',
    replace: "    await mark(context, records[0]!, 'removed', why);\n    const failure = await remove(context, previews.remove, records[0]!);\n",
  },
  {
    name: 'a removal records no end',
    file: 'commands/remove-preview.ts',
    find: "    await mark(context, records[0]!, 'removed', why);\n",
    replace: '',
  },
  {
    name: 'a removal never looks whether it is due',
    file: 'commands/remove-preview.ts',
    find: '(onlyIfDue ? undefined : ',
    replace: '(',
  },
  {
    name: 'what was recorded before a removal still counts',
    file: 'previews/preview-ledger.ts',
    find: '    const since = sinceRemoval(all);\n',
    replace: '    const since = all.filter((record) => !isRemoval(record));\n',
  },
  {
    name: 'a removal that did not end is forgotten',
    file: 'previews/due.ts',
    find: "?.kind === 'removal' && ",
    replace: "?.kind === 'removed' && ",
  },
];
