suffix = ""
hooks  = "https://hooks.lishuwan.example.com"
