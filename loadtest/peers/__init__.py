"""What Frontdesk is compared with: the same chat on bare ws and on Socket.IO, by hand.

The servers are `ws.mjs` and `socketio.mjs`; what they lack is told in loadtest/README.md.
"""
