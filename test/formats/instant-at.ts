import { microsFromIso } from '../../schema/time.ts'
import { Micros } from '../../src/rows/micros.ts'

/** An instant as formats give it, from its row format. */
export const instantAt = (iso: string) => new Micros(microsFromIso(iso))
