"""The people who sign in: reps (of every role), groups, invitations, passwords, sign-ins (US-1).

`people.People` puts the parts together: `accounts` (reps and groups), `sign_ins`, `invitations`,
`identities` (who is behind a cookie or a bearer token, asked by every socket). What they know of
SQL is in `store`; the rest decides.
"""
