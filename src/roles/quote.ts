/** A name as SQL takes it, whatever it holds. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A text as SQL takes it, with either setting of `standard_conforming_strings`. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return quoted.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** A block of PL/pgSQL, between marks that do not occur in it. */
export function block(body: string): string {
  let mark = '$do$'
  while (body.includes(mark)) mark = mark.replace('do', 'do_')
  return `do ${mark}\n${body}\n${mark};`
}
