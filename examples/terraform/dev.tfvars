suffix = "-dev" # everything in dev says so in its name
hooks  = "https://hooks-dev.lishuwan.example.com"
