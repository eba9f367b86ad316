import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { quoteName } from '../../src/roles/quote.ts'
import { type RolesOptions, rolesSql } from '../../src/roles/roles-sql.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/store.ts'
import { createDatabase } from '../servers/databases.ts'

/** A migrated database with an owner, a writer and a reader of its own, all gone after `drop`. */
export interface RolesDatabase {
  readonly url: string
  readonly names: { readonly owner: string; readonly writer: string; readonly reader: string }
  /** A superuser in the database. */
  readonly admin: pg.Client
  /** Prints the roles and runs what is printed. */
  apply(options?: RolesOptions): Promise<void>
  /** Makes a further role with the rights of another, and answers with its name. */
  create(memberOf: string): Promise<string>
  /** The database as a role sees it. */
  urlOf(role: string): string
  client(role: string): Promise<pg.Client>
  store(role: string, projectId?: string): Promise<Store>
  drop(): Promise<void>
}

const password = randomBytes(8).toString('hex')

/** @param suffix ends the names of the roles, which live beside those of other suites on the server */
export async function createRolesDatabase(suffix = randomBytes(4).toString('hex')): Promise<RolesDatabase> {
  const { url, drop } = await createDatabase()
  const admin = new pg.Client(url)
  await admin.connect()
  const names = { owner: `owner_${suffix}`, writer: `writer_${suffix}`, reader: `reader_${suffix}` }
  const made: string[] = Object.values(names)
  const opened: { end?(): Promise<void>; close?(): Promise<void> }[] = []
  const allowIn = (role: string) => admin.query(`alter role ${quoteName(role)} password '${password}'`)
  const urlOf = (role: string) => {
    const own = new URL(url)
    own.username = encodeURIComponent(role)
    own.password = password
    return own.href
  }
  return {
    url,
    names,
    admin,
    urlOf,
    async apply(options = {}) {
      await admin.query(rolesSql({ ...names, ...options }))
      for (const role of Object.values(names)) await allowIn(role)
    },
    async create(memberOf) {
      const role = `role_${randomBytes(6).toString('hex')}`
      await admin.query(`create role ${role} login in role ${quoteName(memberOf)}`)
      made.push(role)
      await allowIn(role)
      return role
    },
    async client(role) {
      const client = new pg.Client(urlOf(role))
      await client.connect()
      opened.push(client)
      return client
    },
    async store(role, projectId) {
      const store = await openStore(urlOf(role), { projectId, maxConnections: 3 })
      opened.push(store)
      return store
    },
    async drop() {
      for (const each of opened) await (each.close?.() ?? each.end?.())
      await admin.end()
      await drop()
      const server = new pg.Client(inject('servers').postgresUrl)
      await server.connect()
      for (const role of made.toReversed()) await server.query(`drop role if exists ${quoteName(role)}`)
      await server.end()
    },
  }
}

/** Migrates as the owner. */
export async function migrate(database: RolesDatabase): Promise<void> {
  const store = await openStore(database.urlOf(database.names.owner), { migrate: true, maxConnections: 2 })
  await store.close()
}
