/** Standard input of `detect`, line by line: each as soon as it is whole, and the first that cannot be read is told. */

export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.trimEnd();
  }
  if (rest !== '') yield rest.trimEnd();
}

/** Tells of the first line it is given, on standard error, and of no other: whoever sends a file with a header knows. */
export function createComplaint(): (lineNumber: number, line: string, form: string, consequence: string) => void {
  let hasComplained = false;
  return (lineNumber, line, form, consequence) => {
    if (hasComplained) return;
    hasComplained = true;
    process.stderr.write(
      `Line ${lineNumber} is not ${form}: ${JSON.stringify(line.slice(0, 80))} ${consequence}, like every other such line.\n`,
    );
  };
}
