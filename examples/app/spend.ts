/** What a user's agents did. */
export interface Spend {
  user: string
  plan: string
  calls: number
  tokens: number
}

/** The app's users; a real one has them already. */
export const accounts = [
  { id: 'ada', plan: 'pro' },
  { id: 'ben', plan: 'free' },
]
