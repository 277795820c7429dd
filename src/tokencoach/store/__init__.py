"""The SQLite file: schema, migrations, writer, reader. SQL lives only here."""
