"""The memory: tables, migrations, the ledger of what came and what is owed, files. Imports nothing of ours."""
